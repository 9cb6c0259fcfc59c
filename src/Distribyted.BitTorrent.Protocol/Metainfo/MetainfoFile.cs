namespace Distribyted.BitTorrent.Protocol.Metainfo;

/// <summary>A <c>.torrent</c> file (BEP 3, BEP 12, BEP 19).</summary>
/// <param name="Info">Its info dictionary.</param>
/// <param name="Trackers">Tiers of tracker URLs (BEP 12), empty ones left out; from <c>announce</c> when there is no <c>announce-list</c>.</param>
/// <param name="WebSeeds"><c>url-list</c>, http and https only.</param>
/// <param name="Created"><c>creation date</c> when it is sensible (1970 to 2100).</param>
/// <param name="Comment">Free text, or null.</param>
public sealed record MetainfoFile(
    TorrentInfo Info,
    IReadOnlyList<IReadOnlyList<string>> Trackers,
    IReadOnlyList<string> WebSeeds,
    DateTimeOffset? Created,
    string? Comment
)
{
    /// <summary>Most bytes of a file.</summary>
    public const int MaxLength = TorrentInfoReader.MaxLength;

    /// <summary>DHT nodes to begin with (<c>nodes</c>, BEP 5): hosts and ports, at most 50.</summary>
    public IReadOnlyList<(string Host, int Port)> Nodes { get; init; } = [];

    /// <summary>Reads a file. Odd optional fields are ignored, bytes after the end too.</summary>
    /// <param name="bytes">At most <see cref="MaxLength"/>. They are kept, not copied: do not change them afterwards.</param>
    /// <exception cref="ProtocolException">Not a torrent, beyond the limits, or BitTorrent v2 only (<see cref="ProtocolError.Unsupported"/>).</exception>
    public static MetainfoFile Read(ReadOnlyMemory<byte> bytes)
    {
        return MetainfoFileReader.Read(bytes);
    }

    /// <summary>The bytes of a file; the info dictionary is copied as it is, so that the info hash stays.</summary>
    public byte[] Write()
    {
        return MetainfoFileWriter.Write(this);
    }
}
