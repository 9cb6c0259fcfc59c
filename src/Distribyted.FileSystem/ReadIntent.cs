namespace Distribyted.FileSystem;

/// <summary>What a reader is about to do; a hint that may save bytes, never a limit.</summary>
/// <param name="Offset">First byte that will be read.</param>
/// <param name="Length">Bytes that will be read at most; null: not known.</param>
/// <param name="Client">Who reads, for logs and the API: address and program.</param>
public readonly record struct ReadIntent(long Offset, long? Length, string Client);
