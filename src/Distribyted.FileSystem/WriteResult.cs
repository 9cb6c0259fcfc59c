namespace Distribyted.FileSystem;

/// <summary>What became of a write, with a reason for the user where it was refused.</summary>
public readonly record struct WriteResult(WriteOutcome Outcome, string? Reason = null)
{
    /// <summary>Whether the write took place.</summary>
    public bool Succeeded => Outcome is WriteOutcome.Created or WriteOutcome.Replaced or WriteOutcome.Done;
}
