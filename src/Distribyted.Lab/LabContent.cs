using System.Buffers.Binary;
using System.Security.Cryptography;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.Lab;

/// <summary>Content made from a seed: any byte can be had at any time without keeping the others, and a test knows what is right.</summary>
/// <remarks>Immutable, safe for use by many threads.</remarks>
public sealed class LabContent
{
    private LabContent(ulong seed, string name, IReadOnlyList<LabFile> files, bool isSingleFile)
    {
        Seed = seed;
        Name = name;
        Files = files;
        IsSingleFile = isSingleFile;
        Length = files.Sum(file => file.Length);
    }

    /// <summary>What the bytes are made from.</summary>
    public ulong Seed { get; }

    /// <summary>Name of the file, or of the folder of files.</summary>
    public string Name { get; }

    /// <summary>The files in torrent order; a single file has its own name as path.</summary>
    public IReadOnlyList<LabFile> Files { get; }

    /// <summary>Whether there is one file and no folder.</summary>
    public bool IsSingleFile { get; }

    /// <summary>Bytes of all files.</summary>
    public long Length { get; }

    /// <summary>A torrent of one file.</summary>
    public static LabContent File(string name, long length, ulong seed = 1)
    {
        return new LabContent(seed, name, [new LabFile(name, length)], isSingleFile: true);
    }

    /// <summary>A torrent of a folder.</summary>
    public static LabContent Folder(string name, IReadOnlyList<LabFile> files, ulong seed = 1)
    {
        return new LabContent(seed, name, files, isSingleFile: false);
    }

    /// <summary>Where a file starts, bytes from the start of the torrent.</summary>
    public long StartOf(int file)
    {
        return Files.Take(file).Sum(before => before.Length);
    }

    /// <summary>Writes the bytes of the torrent that begin at this offset.</summary>
    public void Fill(Span<byte> destination, long offset)
    {
        Span<byte> word = stackalloc byte[8];
        var at = 0;
        while (at < destination.Length)
        {
            var (index, skip) = Math.DivRem(offset + at, 8);
            var value = Mix(Seed, (ulong)index);
            if (skip == 0 && destination.Length - at >= 8)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(destination[at..], value);
                at += 8;
                continue;
            }

            BinaryPrimitives.WriteUInt64LittleEndian(word, value);
            var part = word[(int)skip..];
            part = part[..Math.Min(part.Length, destination.Length - at)];
            part.CopyTo(destination[at..]);
            at += part.Length;
        }
    }

    /// <summary>Bytes of the torrent in an array of their own.</summary>
    public byte[] Bytes(long offset, int length)
    {
        var bytes = new byte[length];
        Fill(bytes, offset);
        return bytes;
    }

    /// <summary>All bytes of one file, for reading once.</summary>
    public Stream OpenRead(int file)
    {
        return new LabContentStream(this, StartOf(file), Files[file].Length);
    }

    /// <summary>Whether these are the true bytes of a file from this offset on.</summary>
    public bool Matches(int file, long offset, ReadOnlySpan<byte> bytes)
    {
        return bytes.SequenceEqual(Bytes(StartOf(file) + offset, bytes.Length));
    }

    /// <summary>Hashes everything and makes the torrent of it.</summary>
    /// <param name="pieceLength">Bytes of a piece, 1 KiB to 64 MiB, any number.</param>
    /// <param name="trackers">Tiers of tracker URLs.</param>
    /// <param name="isPrivate">BEP 27.</param>
    public MetainfoFile CreateTorrent(int pieceLength, IReadOnlyList<IReadOnlyList<string>>? trackers = null, bool isPrivate = false)
    {
        var layout = new PieceLayout(Length, pieceLength);
        var hashes = new byte[layout.PieceCount * SHA1.HashSizeInBytes];
        Parallel.For(
            0,
            layout.PieceCount,
            () => new byte[pieceLength],
            (piece, _, buffer) =>
            {
                var bytes = buffer.AsSpan(0, layout.LengthOf(piece));
                Fill(bytes, layout.StartOf(piece));
                SHA1.HashData(bytes, hashes.AsSpan(piece * SHA1.HashSizeInBytes));
                return buffer;
            },
            _ => { }
        );
        var info = IsSingleFile
            ? TorrentInfoWriter.WriteFile(Name, Length, pieceLength, hashes, isPrivate)
            : TorrentInfoWriter.WriteFolder(
                Name,
                [.. Files.Select(file => new NewTorrentFile(file.Path.Split('/'), file.Length))],
                pieceLength,
                hashes,
                isPrivate
            );
        return new MetainfoFile(info, trackers ?? [], [], null, null);
    }

    /// <summary>Writes all files into a folder that then is the torrent's root, as shared folders are.</summary>
    public async Task WriteToAsync(string folder, CancellationToken cancellationToken)
    {
        for (var i = 0; i < Files.Count; i++)
        {
            var path = Path.Combine([folder, .. Files[i].Path.Split('/')]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await using var output = System.IO.File.Create(path);
            await using var content = OpenRead(i);
            await content.CopyToAsync(output, 1 << 18, cancellationToken);
        }
    }

    /// <summary>SplitMix64: neighbouring words have nothing in common.</summary>
    private static ulong Mix(ulong seed, ulong index)
    {
        var z = (seed * 0xD1B54A32D192ED03) + ((index + 1) * 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
