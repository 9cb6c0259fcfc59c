using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.BitTorrent.Storage;

/// <summary>One file of a shared folder, and how often it changed since it was opened.</summary>
internal sealed class SeedFile(TorrentFile file, string path)
{
    private readonly Lock _gate = new();
    private DateTime _modified;
    private long _version = -1;

    public TorrentFile File { get; } = file;

    private bool IsPadding => (File.Attributes & TorrentFileAttributes.Padding) != TorrentFileAttributes.None;

    /// <summary>Looks at the file. The number of changes seen; -1: it is missing, or has another length than the torrent says.</summary>
    public long Refresh()
    {
        if (IsPadding)
        {
            return 0;
        }

        var found = new FileInfo(path);
        lock (_gate)
        {
            if (!found.Exists || found.Length != File.Length)
            {
                _modified = DateTime.MinValue;
                return -1;
            }

            if (found.LastWriteTimeUtc != _modified)
            {
                _modified = found.LastWriteTimeUtc;
                _version++;
            }

            return _version;
        }
    }

    /// <summary>Fills the destination from a place in the file; padding is zeros (BEP 47).</summary>
    public bool TryRead(long offset, Span<byte> destination)
    {
        if (IsPadding)
        {
            destination.Clear();
            return true;
        }

        try
        {
            using var handle = System.IO.File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            while (destination.Length > 0)
            {
                var count = RandomAccess.Read(handle, destination, offset);
                if (count == 0)
                {
                    return false;
                }

                offset += count;
                destination = destination[count..];
            }

            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // the piece is gone then, and its torrent told
        }
    }
}
