using System.Net;
using System.Security.Cryptography;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>A session of ours, a tracker and peers with habits, all in this process on loopback. Every peer has an address of its own.</summary>
internal sealed class SwarmBed : IAsyncDisposable
{
    private readonly List<FaultyPeer> _peers = [];
    private readonly TimeProvider _time;
    private readonly string _folder = Directory.CreateTempSubdirectory("distribyted-swarm-").FullName;

    private SwarmBed(LabContent content, TorrentInfo info, TimeProvider time)
    {
        _time = time;
        Content = content;
        Info = info;
        Tracker = LabTracker.Start();
        Log = new RecordingLog();
    }

    public LabContent Content { get; }

    public TorrentInfo Info { get; }

    public LabTracker Tracker { get; }

    public RecordingLog Log { get; }

    public TorrentSession Session { get; private set; } = null!;

    /// <summary>Looks host names up for the next session; null: the system.</summary>
    public Func<string, Task<IPAddress[]>>? Resolve { get; set; }

    public string MetainfoFolder => Path.Combine(_folder, "metainfo");

    public string PiecesFolder => Path.Combine(_folder, "pieces");

    public static async Task<SwarmBed> StartAsync(
        LabContent content,
        int pieceLength,
        CancellationToken cancellationToken,
        Action<BitTorrentOptions>? set = null,
        TimeProvider? time = null
    )
    {
        var bed = new SwarmBed(content, InfoOf(content, pieceLength), time ?? TimeProvider.System);
        await bed.StartSessionAsync(set, cancellationToken);
        return bed;
    }

    /// <summary>Ends the session and starts another one over the same folders.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken, Action<BitTorrentOptions>? set = null)
    {
        await Session.DisposeAsync();
        await StartSessionAsync(set, cancellationToken);
    }

    public FaultyPeer AddPeer(PeerHabit habit, Func<FaultyPeerOptions, FaultyPeerOptions>? with = null, bool isNamed = true)
    {
        var options = new FaultyPeerOptions
        {
            InfoHash = Info.InfoHash,
            Layout = Info.Layout,
            Content = Content.Fill,
            Habit = habit,
            Address = IPAddress.Parse($"127.0.0.{20 + _peers.Count}"),
            Metadata = Info.Bytes,
        };
        options = with?.Invoke(options) ?? options;
        var peer = FaultyPeer.Start(options);
        _peers.Add(peer);
        if (isNamed)
        {
            Tracker.AddPeer(options.InfoHash, peer.EndPoint);
        }

        return peer;
    }

    /// <summary>Ends a peer and all its connections.</summary>
    public async Task StopPeerAsync(FaultyPeer peer)
    {
        _peers.Remove(peer);
        await peer.DisposeAsync();
    }

    /// <summary>A peer that was stopped listens again at the same end point. The tracker does not tell.</summary>
    public FaultyPeer StartPeerAgain(FaultyPeer stopped)
    {
        var peer = stopped.StartAgain();
        _peers.Add(peer);
        return peer;
    }

    public Task<Torrent> AddMagnetAsync(CancellationToken cancellationToken, params string[] moreTrackers)
    {
        return AddMagnetAsync(Info, cancellationToken, moreTrackers);
    }

    /// <summary>Adds another torrent, whose peers were added with its hash.</summary>
    public Task<Torrent> AddMagnetAsync(TorrentInfo info, CancellationToken cancellationToken, params string[] moreTrackers)
    {
        return Session.AddAsync(
            new TorrentSource(
                info.InfoHash,
                info.Name,
                [
                    [Tracker.HttpUrl],
                    .. moreTrackers.Select(static t => (string[])[t]),
                ],
                []
            ),
            cancellationToken
        );
    }

    /// <summary>Reads a range of the torrent whole and compares it with the truth.</summary>
    public async Task ReadAndCompareAsync(Torrent torrent, long offset, int length, CancellationToken cancellationToken)
    {
        await using var reader = await torrent.OpenReaderAsync(0, Content.Length, offset, length, "test", cancellationToken);
        var bytes = new byte[length];
        var done = 0;
        while (done < length)
        {
            var count = await reader.ReadAsync(bytes.AsMemory(done), offset + done, cancellationToken);
            Assert.That(count, Is.GreaterThan(0));
            done += count;
        }

        Assert.That(bytes.AsSpan().SequenceEqual(Content.Bytes(offset, length)), Is.True, $"bytes {offset} to {offset + length}");
    }

    /// <summary>Files with peers that the next start would dial.</summary>
    public string[] KeptPeers()
    {
        return Directory.GetFiles(_folder, "*.peers", SearchOption.AllDirectories);
    }

    /// <summary>Waits for a state of the engine that nobody announces.</summary>
    public async Task WaitForAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!condition())
        {
            await tick.WaitForNextTickAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        var before = Log.All;
        await Session.DisposeAsync();
        if (TestContext.CurrentContext.Result.Outcome.Status != NUnit.Framework.Interfaces.TestStatus.Passed)
        {
            await TestContext.Out.WriteLineAsync(before);
        }

        foreach (var peer in _peers)
        {
            await peer.DisposeAsync();
        }

        await Tracker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public static TorrentInfo InfoOf(LabContent content, int pieceLength)
    {
        var count = (int)((content.Length + pieceLength - 1) / pieceLength);
        var hashes = new byte[count * 20];
        for (var piece = 0; piece < count; piece++)
        {
            var start = (long)piece * pieceLength;
            SHA1.HashData(content.Bytes(start, (int)Math.Min(pieceLength, content.Length - start)), hashes.AsSpan(piece * 20));
        }

        return TorrentInfoWriter.WriteFile(content.Name, content.Length, pieceLength, hashes);
    }

    private async Task StartSessionAsync(Action<BitTorrentOptions>? set, CancellationToken cancellationToken)
    {
        var options = new BitTorrentOptions
        {
            MetadataFolder = _folder,
            Transport = { ListenPort = 0, BindAddresses = [IPAddress.Loopback] },
            Cache =
            {
                Size = 256L << 20,
                PieceMemory = 32L << 20,
                HotCache = 32L << 20,
            },
        };
        set?.Invoke(options);
        Session = new TorrentSession(options, Log, _time, Resolve);
        await Session.StartAsync(cancellationToken);
    }
}
