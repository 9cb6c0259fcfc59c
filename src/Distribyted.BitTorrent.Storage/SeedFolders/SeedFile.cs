using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Storage.SeedFolders;

/// <summary>One file of a shared folder, and how often it changed since it was opened.</summary>
internal sealed class SeedFile(TorrentFile file, string path)
{
    private readonly Lock _lock = new();
    private (DateTime Modified, long Changed) _seen;
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
        lock (_lock)
        {
            if (!found.Exists || found.Length != File.Length)
            {
                _seen = default;
                return -1;
            }

            var now = (found.LastWriteTimeUtc, ChangeTime.Of(path));
            if (now != _seen)
            {
                _seen = now;
                _version++;
            }

            return _version;
        }
    }

    /// <summary>Fills the destination from an offset in the file; padding is zeros (BEP 47).</summary>
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
        catch (Exception) // whatever it is: the bytes are not here
        {
            return false;
        }
    }
}
