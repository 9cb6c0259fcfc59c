namespace Distribyted.BitTorrent.Torrents;

/// <summary>Bytes of the last complete two seconds: every caller sees the same, and bytes / length is a rate. Immutable.</summary>
/// <param name="Downloaded">Payload bytes from peers.</param>
/// <param name="Uploaded">Payload bytes to peers.</param>
/// <param name="Length">How long the window really was.</param>
/// <remarks>An object and not a struct, so that it can be replaced while others read it.</remarks>
public sealed record TransferWindow(long Downloaded, long Uploaded, TimeSpan Length)
{
    /// <summary>A window in which nothing was transferred.</summary>
    public static TransferWindow Empty { get; } = new(0, 0, TimeSpan.FromSeconds(2));

    /// <summary>Bytes per second from peers.</summary>
    public long DownloadRate => RateOf(Downloaded);

    /// <summary>Bytes per second to peers.</summary>
    public long UploadRate => RateOf(Uploaded);

    private long RateOf(long bytes)
    {
        return Length > TimeSpan.Zero ? (long)(bytes / Length.TotalSeconds) : 0;
    }
}
