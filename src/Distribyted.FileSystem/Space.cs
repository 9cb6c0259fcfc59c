namespace Distribyted.FileSystem;

/// <summary>What is used and what is free in the tree, for RFC 4331 and statfs.</summary>
/// <param name="Used">Sum of the lengths of everything shown, bytes.</param>
/// <param name="Available">Bytes that may still be added, below 2^63.</param>
public readonly record struct Space(long Used, long Available);
