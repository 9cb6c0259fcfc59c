using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.Tests.Hosting;

/// <summary>A torrent of given files in a swarm of one honest peer, which says which pieces it was asked for.</summary>
internal sealed class SharedArchives : IAsyncDisposable
{
    private readonly HashSet<int> _fetched = []; // under its own lock
    private readonly LabTracker _tracker = LabTracker.Start();
    private readonly FaultyPeer _peer;
    private readonly TorrentInfo _info;

    /// <param name="name">The torrent's folder.</param>
    /// <param name="files">Name and content.</param>
    /// <param name="pieceLength">Bytes.</param>
    public SharedArchives(string name, IReadOnlyList<(string Name, byte[] Content)> files, int pieceLength = 64 * 1024)
    {
        var content = new byte[files.Sum(f => f.Content.Length)];
        var at = 0;
        foreach (var (_, bytes) in files)
        {
            bytes.CopyTo(content, at);
            at += bytes.Length;
        }

        var layout = new PieceLayout(content.Length, pieceLength);
        var hashes = new byte[layout.PieceCount * SHA1.HashSizeInBytes];
        for (var piece = 0; piece < layout.PieceCount; piece++)
        {
            var bytes = content.AsSpan((int)layout.StartOf(piece), layout.LengthOf(piece));
            SHA1.HashData(bytes, hashes.AsSpan(piece * SHA1.HashSizeInBytes));
        }

        _info = TorrentInfoWriter.WriteFolder(
            name,
            [.. files.Select(f => new NewTorrentFile([f.Name], f.Content.Length))],
            pieceLength,
            hashes
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

                    content.AsSpan((int)offset, destination.Length).CopyTo(destination);
                },
            }
        );
        _tracker.AddPeer(_info.InfoHash, _peer.EndPoint, seed: true);
        PieceLength = pieceLength;
    }

    public int PieceLength { get; }

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
}
