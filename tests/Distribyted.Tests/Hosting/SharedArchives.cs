using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Distribyted.Archives.Tests.Workshop;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.Tests.Hosting;

/// <summary>A torrent of given files in a swarm of one honest peer, which says what it was asked for. Holes of the files are filled with bytes that repeat with each
/// piece, so that gigabytes cost neither memory nor time.</summary>
internal sealed class SharedArchives : IAsyncDisposable
{
    private readonly HashSet<int> _fetched = []; // under its own lock
    private readonly LabTracker _tracker = LabTracker.Start();
    private readonly FaultyPeer _peer;
    private readonly TorrentInfo _info;
    private readonly IReadOnlyList<TestVolume> _files;
    private readonly byte[] _filling;

    /// <param name="name">The torrent's folder.</param>
    /// <param name="files">Name and content.</param>
    /// <param name="pieceLength">Bytes.</param>
    public SharedArchives(string name, IReadOnlyList<(string Name, byte[] Content)> files, int pieceLength = 64 * 1024)
        : this(name, [.. files.Select(static file => Volume(file.Name, file.Content))], pieceLength) { }

    /// <param name="name">The torrent's folder.</param>
    /// <param name="files">In torrent order.</param>
    /// <param name="pieceLength">Bytes.</param>
    public SharedArchives(string name, IReadOnlyList<TestVolume> files, int pieceLength)
    {
        _files = files;
        PieceLength = pieceLength;
        _filling = new byte[pieceLength];
        new Random(pieceLength).NextBytes(_filling);
        Length = files.Sum(static file => file.Length);
        var layout = new PieceLayout(Length, pieceLength);
        _info = TorrentInfoWriter.WriteFolder(
            name,
            [.. files.Select(static file => new NewTorrentFile([file.Name], file.Length))],
            pieceLength,
            Hashes(layout)
        );
        _peer = FaultyPeer.Start(
            new FaultyPeerOptions
            {
                InfoHash = _info.InfoHash,
                Layout = layout,
                Metadata = _info.Bytes,
                Address = IPAddress.Parse("127.0.0.78"),
                Content = (destination, offset) =>
                {
                    lock (_fetched)
                    {
                        _fetched.Add((int)(offset / pieceLength));
                    }

                    Read(offset, destination);
                },
            }
        );
        _tracker.AddPeer(_info.InfoHash, _peer.EndPoint, seed: true);
    }

    public int PieceLength { get; }

    /// <summary>Bytes of all files.</summary>
    public long Length { get; }

    /// <summary>Different pieces that were asked for.</summary>
    public int Fetched
    {
        get
        {
            lock (_fetched)
            {
                return _fetched.Count;
            }
        }
    }

    /// <summary>Bytes of the one film that is the holes of all files, from an offset on.</summary>
    public byte[] Film(long offset, int length)
    {
        var bytes = new byte[length];
        var (start, at, filled) = (0L, 0L, 0);
        foreach (var (_, content, size) in _files.SelectMany(static file => file.Parts))
        {
            if (content is null)
            {
                var from = Math.Max(offset + filled, start) - start;
                if (from < size && filled < length)
                {
                    var count = (int)Math.Min(size - from, length - filled);
                    Read(at + from, bytes.AsSpan(filled, count));
                    filled += count;
                }

                start += size;
            }

            at += size;
        }

        return bytes;
    }

    public async Task AddAsync(DaemonBed bed, string route, CancellationToken cancellationToken)
    {
        var magnet = $"magnet:?xt=urn:btih:{_info.InfoHash}&tr={Uri.EscapeDataString(_tracker.HttpUrl)}";
        using var body = JsonContent.Create(new Dictionary<string, string>(StringComparer.Ordinal) { ["magnet"] = magnet });
        using var answer = await bed.Client.PostAsync(new Uri(bed.Web, $"api/routes/{route}/torrent"), body, cancellationToken);
        Assert.That(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await _peer.DisposeAsync();
        await _tracker.DisposeAsync();
    }

    private static TestVolume Volume(string name, byte[] content)
    {
        var volume = new TestVolume(name);
        volume.AddShared(content);
        return volume;
    }

    private byte[] Hashes(PieceLayout layout)
    {
        var hashes = new byte[layout.PieceCount * SHA1.HashSizeInBytes];
        var ofFilling = SHA1.HashData(_filling);
        var piece = new byte[PieceLength];
        for (var number = 0; number < layout.PieceCount; number++)
        {
            var hash = hashes.AsSpan(number * SHA1.HashSizeInBytes);
            var bytes = piece.AsSpan(0, layout.LengthOf(number));
            if (Read(layout.StartOf(number), bytes) && bytes.Length == PieceLength)
            {
                ofFilling.CopyTo(hash);
            }
            else
            {
                SHA1.HashData(bytes, hash);
            }
        }

        return hashes;
    }

    /// <summary>True: nothing but the filling of holes.</summary>
    private bool Read(long offset, Span<byte> destination)
    {
        var isFilling = true;
        var at = 0L;
        foreach (var (_, content, size) in _files.SelectMany(static file => file.Parts))
        {
            var (from, to) = (Math.Max(at, offset), Math.Min(at + size, offset + destination.Length));
            if (from < to)
            {
                var into = destination.Slice((int)(from - offset), (int)(to - from));
                if (content is not null)
                {
                    isFilling = false;
                    content.AsSpan((int)(from - at), into.Length).CopyTo(into);
                }
                else
                {
                    Fill(from, into);
                }
            }

            at += size;
        }

        return isFilling;
    }

    private void Fill(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var inPiece = (int)(offset % PieceLength);
            var count = Math.Min(destination.Length, PieceLength - inPiece);
            _filling.AsSpan(inPiece, count).CopyTo(destination);
            destination = destination[count..];
            offset += count;
        }
    }
}
