using Distribyted.Archives.Formats;

namespace Distribyted.Archives.Tests.Workshop;

/// <summary>Volumes in memory that count what is read of them.</summary>
internal sealed class TestSource(params IReadOnlyList<TestVolume> volumes) : IArchiveSource
{
    private readonly HashSet<(int Volume, long Piece)> _pieces = [];

    /// <summary>What a torrent would fetch for a byte.</summary>
    public int PieceLength { get; init; } = 2 * 1024 * 1024;

    public int Volumes => volumes.Count;

    public int Reads { get; private set; }

    public long BytesRead { get; private set; }

    /// <summary>Bytes of the pieces that were touched, when each volume begins with a piece.</summary>
    public long BytesFetched => (long)_pieces.Count * PieceLength;

    public static TestSource Of(byte[] bytes, string name = "archive")
    {
        var volume = new TestVolume(name);
        volume.Add(bytes);
        return new TestSource(volume);
    }

    /// <summary>The first bytes of the first volume.</summary>
    public byte[] Head(int length)
    {
        var head = new byte[Math.Min(length, LengthOf(0))];
        volumes[0].Read(0, head);
        return head;
    }

    public string NameOf(int volume)
    {
        return volumes[volume].Name;
    }

    public long LengthOf(int volume)
    {
        return volumes[volume].Length;
    }

    public ValueTask<int> ReadAsync(int volume, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var count = volumes[volume].Read(offset, destination.Span);
        Reads++;
        BytesRead += count;
        for (var piece = offset / PieceLength; piece * PieceLength < offset + count; piece++)
        {
            _pieces.Add((volume, piece));
        }

        return new ValueTask<int>(count);
    }

    /// <summary>The bytes of a stored entry.</summary>
    public byte[] ContentOf(ArchiveEntry entry)
    {
        using var content = new MemoryStream();
        foreach (var range in entry.Ranges)
        {
            var bytes = new byte[range.Length];
            Assert.That(volumes[range.Volume].Read(range.Offset, bytes), Is.EqualTo(bytes.Length), "inside of its volume");
            content.Write(bytes);
        }

        return content.ToArray();
    }
}
