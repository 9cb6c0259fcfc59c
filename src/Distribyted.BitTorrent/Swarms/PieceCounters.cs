namespace Distribyted.BitTorrent.Swarms;

/// <summary>What became of the bytes that peers of all torrents sent, since the start. Safe for use by many threads.</summary>
internal sealed class PieceCounters
{
    private long _verified;
    private long _unwanted;
    private long _wrong;

    /// <summary>Bytes of pieces whose hash was right.</summary>
    public long Verified => Interlocked.Read(ref _verified);

    /// <summary>Bytes of blocks that were not wanted when they came: asked twice, or not at all.</summary>
    public long Unwanted => Interlocked.Read(ref _unwanted);

    /// <summary>Bytes of pieces whose hash was wrong.</summary>
    public long Wrong => Interlocked.Read(ref _wrong);

    public void AddVerified(long bytes)
    {
        Interlocked.Add(ref _verified, bytes);
    }

    public void AddUnwanted(long bytes)
    {
        Interlocked.Add(ref _unwanted, bytes);
    }

    public void AddWrong(long bytes)
    {
        Interlocked.Add(ref _wrong, bytes);
    }
}
