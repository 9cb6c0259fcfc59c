namespace Distribyted.Archives.Tests.Workshop;

/// <summary>One entry of a RAR archive that a test writes.</summary>
/// <param name="Path">With <c>/</c> between segments.</param>
/// <param name="Length">Bytes of its content.</param>
internal sealed record RarItem(string Path, long Length)
{
    public RarItem(string path, byte[] content)
        : this(path, content.Length)
    {
        Content = content;
    }

    /// <summary>Null: a hole, whose checksum is written as 0.</summary>
    public byte[]? Content { get; init; }

    public DateTimeOffset Modified { get; init; } = new(2024, 5, 6, 7, 8, 10, TimeSpan.Zero);

    public bool IsFolder { get; init; }

    /// <summary>A symbolic link to this path.</summary>
    public string? LinkTo { get; init; }

    /// <summary>Written with the flag that its length was not known.</summary>
    public bool HidesLength { get; init; }

    /// <summary>0 is stored. Others are only claimed.</summary>
    public int Method { get; init; }

    /// <summary>Claims to be encrypted.</summary>
    public bool IsEncrypted { get; init; }
}
