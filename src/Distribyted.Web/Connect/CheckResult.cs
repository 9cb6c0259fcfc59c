namespace Distribyted.Web.Connect;

/// <summary>What one step of the self-check found.</summary>
/// <param name="Name">What was checked, in two or three words.</param>
/// <param name="Outcome">How it went.</param>
/// <param name="Sentence">What was seen, and what to do if it is wrong; whole sentences.</param>
public sealed record CheckResult(string Name, CheckOutcome Outcome, string Sentence);
