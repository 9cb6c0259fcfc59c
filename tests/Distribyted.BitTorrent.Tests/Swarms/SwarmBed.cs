using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Torrents;
using Distribyted.BitTorrent.Transport;
using Distribyted.Lab;
using Distribyted.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>A session of ours, a tracker and peers with habits, all in this process on loopback. Every peer has an address of its own.</summary>
internal sealed class SwarmBed : IAsyncDisposable
{
    private readonly List<FaultyPeer> _peers = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("distribyted-swarm-").FullName;

    private SwarmBed(LabContent content, TorrentInfo info, TimeProvider time)
    {
        Time = time;
        Content = content;
        Info = info;
        Tracker = LabTracker.Start();
        Log = new RecordingLog();
    }

    public LabContent Content { get; }

    public TorrentInfo Info { get; }

    /// <summary>The clock of the session, and of its peers if it moves by itself.</summary>
    public TimeProvider Time { get; }

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
            Time = Time is FastClock ? Time : TimeProvider.System, // by one that stands still it would send nothing
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

    /// <summary>Adds the magnet and waits until a peer has sent the metadata.</summary>
    public async Task<Torrent> AddMagnetWithInfoAsync(CancellationToken cancellationToken)
    {
        var torrent = await AddMagnetAsync(cancellationToken);
        await GetInfoAsync(torrent, cancellationToken);
        return torrent;
    }

    /// <summary>Adds a peer that has everything and does all right, and the magnet; waits until the peer has sent the metadata.</summary>
    public Task<Torrent> AddSeededAsync(CancellationToken cancellationToken)
    {
        AddPeer(PeerHabit.Honest);
        return AddMagnetWithInfoAsync(cancellationToken);
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

    /// <summary>Adds the torrent with its metadata and the addresses of these peers, but without a tracker: one would wait for a clock that stands still.</summary>
    public Task<Torrent> AddFileAsync(CancellationToken cancellationToken, params PeerEndPoint[] peers)
    {
        return Session.AddAsync(
            new TorrentSource(Info.InfoHash, null, [], peers, new MetainfoFile(Info, [], [], null, null)),
            cancellationToken
        );
    }

    /// <summary>Adds a torrent with its metadata and one tracker.</summary>
    /// <param name="tracker">Its address.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="info">The metadata; null: that of the bed's torrent.</param>
    public Task<Torrent> AddFileAsync(string tracker, CancellationToken cancellationToken, TorrentInfo? info = null)
    {
        info ??= Info;
        string[][] trackers =
        [
            [tracker],
        ];
        return Session.AddAsync(
            new TorrentSource(info.InfoHash, null, trackers, [], new MetainfoFile(info, [], [], null, null)),
            cancellationToken
        );
    }

    /// <summary>Adds the torrent of another bed, whose session is the only peer, and waits for its metadata.</summary>
    /// <param name="other">The other bed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="address">Where that session listens; null: 127.0.0.1.</param>
    public async Task<Torrent> AddFromAsync(SwarmBed other, CancellationToken cancellationToken, IPAddress? address = null)
    {
        var peer = new PeerEndPoint(address ?? IPAddress.Loopback, other.Session.ListenPort);
        var torrent = await Session.AddAsync(new TorrentSource(other.Info.InfoHash, null, [], [peer]), cancellationToken);
        await GetInfoAsync(torrent, cancellationToken);
        return torrent;
    }

    /// <summary>Waits for the metadata of the torrent.</summary>
    public async Task<TorrentInfo> GetInfoAsync(Torrent torrent, CancellationToken cancellationToken)
    {
        var info = torrent.GetInfoAsync(cancellationToken);
        await Waiting.ExplainAsync(info, "metadata", () => Describe(torrent), cancellationToken);
        return await info;
    }

    /// <summary>Reads a range of the torrent whole and compares it with the truth.</summary>
    public async Task ReadAndCompareAsync(Torrent torrent, long offset, int length, CancellationToken cancellationToken)
    {
        await using var reader = await torrent.OpenReaderAsync(0, Content.Length, offset, length, "test", cancellationToken);
        var bytes = new byte[length];
        var done = 0;
        while (done < length)
        {
            var reading = reader.ReadAsync(bytes.AsMemory(done), offset + done, cancellationToken).AsTask();
            await Waiting.ExplainAsync(reading, $"bytes at {offset + done}", () => Describe(torrent), cancellationToken);
            var count = await reading;
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

    /// <summary>Waits for a state of the engine that nothing tells of.</summary>
    public Task WaitForAsync(
        Func<bool> condition,
        CancellationToken cancellationToken,
        [CallerArgumentExpression(nameof(condition))] string what = ""
    )
    {
        return Waiting.UntilAsync(condition, () => Describe(Session.Find(Info.InfoHash)), cancellationToken, what);
    }

    /// <summary>Moves the bed's fake clock, second by second: more at once is a process that was stopped.</summary>
    public async Task PassAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        for (var left = time; left > TimeSpan.Zero; left -= TimeSpan.FromSeconds(1))
        {
            ((FakeTimeProvider)Time).Advance(left < TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken); // what is due runs on other threads
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

    private string Describe(Torrent? torrent)
    {
        return $"{torrent?.GetStatistics()?.ToString() ?? "the torrent is not known"}; {Session.Services.Connections.Taken} connections, {Tracker.Announces.Count} announces";
    }

    private async Task StartSessionAsync(Action<BitTorrentOptions>? set, CancellationToken cancellationToken)
    {
        var options = new BitTorrentOptions
        {
            Discovery = { DisableDht = true, DisablePortMapping = true },
            MetadataFolder = _folder,
            Transport =
            {
                ListenPort = 0,
                BindAddresses = [IPAddress.Loopback],
                DisableLsd = true,
                Encryption = EncryptionMode.Disable, // its peers do not encrypt, and count how often they are dialled
            },
            Cache =
            {
                Size = 256L << 20,
                PieceMemory = 32L << 20,
                HotCache = 32L << 20,
            },
        };
        set?.Invoke(options);
        Session = new TorrentSession(options, Log, Time, Resolve);
        await Session.StartAsync(cancellationToken);
        Session.StartDiscovery();
    }
}
