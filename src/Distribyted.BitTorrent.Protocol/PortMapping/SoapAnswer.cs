namespace Distribyted.BitTorrent.Protocol.PortMapping;

/// <summary>What a UPnP service answers to a call.</summary>
/// <param name="Error">0: done; else the number of the error (UPnP Device Architecture 1.1, section 3.2.2, and those of the service).</param>
/// <param name="ErrorText">What it says about the error, fit to be shown; empty: nothing.</param>
/// <param name="Values">The results by name; empty with an error.</param>
public sealed record SoapAnswer(int Error, string ErrorText, IReadOnlyDictionary<string, string> Values);
