namespace Distribyted.BitTorrent.Torrents;

/// <summary>Payload bytes of a torrent, or of all torrents of a session. Safe for use by many threads; windows are closed by one at a time.</summary>
/// <param name="total">What is counted here is counted there as well; null: nowhere else.</param>
internal sealed class TransferCounters(TransferCounters? total = null)
{
    private long _downloaded;
    private long _uploaded;
    private long _downloadedBefore; // when the last window was closed; used only by the thread that closes windows
    private long _uploadedBefore;
    private TransferWindow _window = TransferWindow.Empty;

    public long Downloaded => Interlocked.Read(ref _downloaded);

    public long Uploaded => Interlocked.Read(ref _uploaded);

    /// <summary>The last complete window.</summary>
    public TransferWindow Window => Volatile.Read(ref _window);

    public void AddDownload(long bytes)
    {
        Interlocked.Add(ref _downloaded, bytes);
        total?.AddDownload(bytes);
    }

    public void AddUpload(long bytes)
    {
        Interlocked.Add(ref _uploaded, bytes);
        total?.AddUpload(bytes);
    }

    /// <summary>Ends the window that runs, and begins the next one.</summary>
    /// <param name="length">How long it was.</param>
    public void CloseWindow(TimeSpan length)
    {
        var (downloaded, uploaded) = (Downloaded, Uploaded);
        Volatile.Write(ref _window, new TransferWindow(downloaded - _downloadedBefore, uploaded - _uploadedBefore, length));
        (_downloadedBefore, _uploadedBefore) = (downloaded, uploaded);
    }
}
