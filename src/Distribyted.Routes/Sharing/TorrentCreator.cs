using System.Security.Cryptography;
using System.Text;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.Routes.Sharing;

/// <summary>Hashes a folder into the pieces of a torrent, reading only what is not known from before: a piece is known when it was cut from
/// the same bytes of the same unchanged files, wherever it lies now.</summary>
internal static class TorrentCreator
{
    private const int BufferLength = 256 * 1024;

    /// <returns>The pieces, and how many of them had to be read.</returns>
    /// <exception cref="IOException">A file cannot be read, or is shorter than it was a moment ago.</exception>
    internal static async Task<(FolderHashes Hashes, int Read)> HashAsync(
        string folder,
        IReadOnlyList<SharedFile> files,
        int pieceLength,
        FolderHashes? known,
        HashProgress? progress,
        CancellationToken cancellationToken
    )
    {
        var former = known is null ? [] : Index(known);
        var pieces = new byte[FolderHashes.CountOf(files, pieceLength) * FolderHashes.HashLength];
        var read = 0;
        var buffer = new byte[BufferLength];
        using var open = new OpenFile(folder);
        var at = 0;
        foreach (var slices in Cut(files, pieceLength))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var hash = pieces.AsMemory(at, FolderHashes.HashLength);
            if (former.TryGetValue(KeyOf(slices, pieceLength), out var same) || former.TryGetValue(OldKeyOf(slices, pieceLength), out same))
            {
                same.CopyTo(hash);
            }
            else
            {
                await HashAsync(open, slices, buffer, hash, cancellationToken);
                read++;
            }

            at += FolderHashes.HashLength;
            progress?.Report(at, pieces.Length);
        }

        return (new FolderHashes(pieceLength, files, pieces), read);
    }

    /// <summary>The info dictionary: files sorted by path, always as a folder, named after it. The same folder has had this info hash in every version.</summary>
    internal static TorrentInfo Describe(string name, FolderHashes hashes, bool isPrivate)
    {
        var files = hashes.Files.Select(f => new NewTorrentFile(f.Path.Split('/'), f.Length)).ToList();
        return TorrentInfoWriter.WriteFolder(name, files, hashes.PieceLength, hashes.Pieces, isPrivate);
    }

    private static async Task HashAsync(
        OpenFile open,
        IReadOnlyList<Slice> slices,
        byte[] buffer,
        Memory<byte> hash,
        CancellationToken cancellationToken
    )
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        foreach (var slice in slices)
        {
            var handle = open.Get(slice.File.Path);
            var done = 0L;
            while (done < slice.Length)
            {
                var count = (int)Math.Min(buffer.Length, slice.Length - done);
                var got = await RandomAccess.ReadAsync(handle, buffer.AsMemory(0, count), slice.Offset + done, cancellationToken);
                if (got == 0)
                {
                    throw new IOException($"{slice.File.Path} became shorter while it was read.");
                }

                sha.AppendData(buffer, 0, got);
                done += got;
            }
        }

        sha.GetHashAndReset(hash.Span);
    }

    private static Dictionary<UInt128, ReadOnlyMemory<byte>> Index(FolderHashes known)
    {
        var index = new Dictionary<UInt128, ReadOnlyMemory<byte>>(known.Count);
        var at = 0;
        foreach (var slices in Cut(known.Files, known.PieceLength))
        {
            index[KeyOf(slices, known.PieceLength)] = known.Pieces.AsMemory(at, FolderHashes.HashLength);
            at += FolderHashes.HashLength;
        }

        return index;
    }

    /// <summary>Which bytes of which files make each piece.</summary>
    private static IEnumerable<IReadOnlyList<Slice>> Cut(IReadOnlyList<SharedFile> files, int pieceLength)
    {
        var slices = new List<Slice>();
        var left = (long)pieceLength; // of the piece
        foreach (var file in files)
        {
            var offset = 0L;
            while (offset < file.Length)
            {
                var count = Math.Min(left, file.Length - offset);
                slices.Add(new Slice(file, offset, count));
                offset += count;
                left -= count;
                if (left == 0)
                {
                    yield return slices;
                    slices = [];
                    left = pieceLength;
                }
            }
        }

        if (slices.Count > 0)
        {
            yield return slices;
        }
    }

    /// <summary>As hashes were kept before times of change were looked at: a large folder is not read again for that.</summary>
    private static UInt128 OldKeyOf(IReadOnlyList<Slice> slices, int pieceLength)
    {
        return KeyOf([.. slices.Select(s => s with { File = s.File with { Changed = 0 } })], pieceLength);
    }

    private static UInt128 KeyOf(IReadOnlyList<Slice> slices, int pieceLength)
    {
        var text = new StringBuilder().Append(pieceLength);
        foreach (var slice in slices)
        {
            var file = slice.File;
            text.Append('\n').Append(file.Path).Append('\0').Append(file.Length).Append(' ').Append(file.Written).Append(' ');
            text.Append(file.Created).Append(' ').Append(file.Changed).Append(' ').Append(slice.Offset).Append(' ').Append(slice.Length);
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    private readonly record struct Slice(SharedFile File, long Offset, long Length);

    /// <summary>The file that was read last, still open: pieces follow each other.</summary>
    private sealed class OpenFile(string folder) : IDisposable
    {
        private string? _path;
        private Microsoft.Win32.SafeHandles.SafeFileHandle? _handle;

        public void Dispose()
        {
            _handle?.Dispose();
        }

        internal Microsoft.Win32.SafeHandles.SafeFileHandle Get(string path)
        {
            if (_handle is null || !string.Equals(_path, path, StringComparison.Ordinal))
            {
                _handle?.Dispose();
                var full = Path.Combine(folder, path.Replace('/', Path.DirectorySeparatorChar));
                _handle = File.OpenHandle(
                    full,
                    FileMode.Open,
                    FileAccess.Read,
                    FileShare.ReadWrite | FileShare.Delete,
                    FileOptions.SequentialScan
                );
                _path = path;
            }

            return _handle;
        }
    }
}
