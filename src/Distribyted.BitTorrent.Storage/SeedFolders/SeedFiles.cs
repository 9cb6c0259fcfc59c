using System.Security.Cryptography;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Storage.Assembly;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Storage.SeedFolders;

/// <summary>The files of a shared folder as one run of bytes: reading, hashing pieces, and noticing changes. Safe for use by many threads.</summary>
internal sealed class SeedFiles
{
    private const int MaxCheck = 256 * 1024; // bytes hashed at a time

    private readonly TorrentInfo _info;
    private readonly SeedFile[] _files;

    /// <param name="info">The torrent that was made of the folder.</param>
    /// <param name="folder">Its root: the paths of the torrent's files begin here.</param>
    public SeedFiles(TorrentInfo info, string folder)
    {
        _info = info;
        _files = [.. info.Files.Where(file => file.Length > 0).Select(file => new SeedFile(file, Path.Combine([folder, .. file.Path])))];
    }

    /// <summary>Pieces with bytes of files that are missing, or have another length than the torrent says.</summary>
    public IEnumerable<int> FindMissingPieces()
    {
        foreach (var file in _files)
        {
            if (file.Refresh() < 0)
            {
                var last = _info.Layout.PieceAt(file.File.Offset + file.File.Length - 1);
                for (var piece = _info.Layout.PieceAt(file.File.Offset); piece <= last; piece++)
                {
                    yield return piece;
                }
            }
        }
    }

    /// <summary>Hashes a piece.</summary>
    public SeedPieceState Check(int piece)
    {
        var length = _info.Layout.LengthOf(piece);
        var start = _info.Layout.StartOf(piece);
        var buffer = LargeBuffers.Rent(Math.Min(MaxCheck, length));
        var hasher = PieceHasher.Rent();
        try
        {
            for (var done = 0; done < length; )
            {
                var span = buffer.AsSpan(0, Math.Min(buffer.Length, length - done));
                if (!TryRead(start + done, span))
                {
                    return SeedPieceState.Unreadable;
                }

                hasher.Append(span);
                done += span.Length;
            }

            var expected = _info.PieceHashes.Span.Slice(piece * SHA1.HashSizeInBytes, SHA1.HashSizeInBytes);
            return hasher.Matches(expected) ? SeedPieceState.Right : SeedPieceState.Changed;
        }
        finally
        {
            PieceHasher.Return(hasher);
            LargeBuffers.Return(buffer);
        }
    }

    /// <summary>Grows with each change of one of the piece's files; -1: a file is not as the torrent says.</summary>
    public long VersionOf(int piece)
    {
        var start = _info.Layout.StartOf(piece);
        var end = start + _info.Layout.LengthOf(piece);
        var version = 1L;
        for (var i = IndexOf(start); i < _files.Length && _files[i].File.Offset < end; i++)
        {
            var one = _files[i].Refresh();
            if (one < 0)
            {
                return -1;
            }

            version += one;
        }

        return version;
    }

    /// <summary>Fills the destination from an offset in the torrent. False: not all bytes are there.</summary>
    public bool TryRead(long start, Span<byte> destination)
    {
        for (var i = IndexOf(start); destination.Length > 0; i++)
        {
            var file = _files[i].File;
            var at = start - file.Offset;
            var count = (int)Math.Min(destination.Length, file.Length - at);
            if (!_files[i].TryRead(at, destination[..count]))
            {
                return false;
            }

            start += count;
            destination = destination[count..];
        }

        return true;
    }

    /// <summary>The first file that ends after this byte.</summary>
    private int IndexOf(long start)
    {
        var low = 0;
        var high = _files.Length - 1;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_files[middle].File.Offset + _files[middle].File.Length <= start)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
