namespace Distribyted.BitTorrent.Torrents;

/// <summary>Bytes of the last complete two seconds: every caller sees the same, and bytes / length is a rate.</summary>
/// <param name="Downloaded">Payload bytes from peers.</param>
/// <param name="Uploaded">Payload bytes to peers.</param>
/// <param name="Length">How long the window really was.</param>
public readonly record struct TransferWindow(long Downloaded, long Uploaded, TimeSpan Length);
