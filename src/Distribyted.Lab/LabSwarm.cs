using System.Net;
using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Torrents;

namespace Distribyted.Lab;

/// <summary>A swarm in a box: content from a seed, its torrent and magnet, a tracker, and seeders of our own engine, all on loopback and in
/// a temporary folder that is gone afterwards.</summary>
public sealed class LabSwarm : IAsyncDisposable
{
    private readonly List<TorrentSession> _seeders = [];
    private readonly List<LinkShaper> _lines = [];
    private readonly string _folder;

    private LabSwarm(LabSwarmOptions options)
    {
        _folder = Directory.CreateTempSubdirectory("distribyted-lab-").FullName;
        Content = options.Content;
        Tracker = LabTracker.Start();
        TrackerUrl = options.Udp ? Tracker.UdpUrl : Tracker.HttpUrl;
        Torrent = Content.CreateTorrent(
            options.PieceLength,
            [
                [TrackerUrl],
            ],
            options.IsPrivate
        );
    }

    /// <summary>What is shared, and what is right.</summary>
    public LabContent Content { get; }

    /// <summary>Its torrent, with the tracker in it.</summary>
    public MetainfoFile Torrent { get; }

    /// <summary>Its tracker.</summary>
    public LabTracker Tracker { get; }

    /// <summary>The tracker's address as torrent and magnet name it.</summary>
    public string TrackerUrl { get; }

    /// <summary>The sessions that share.</summary>
    public IReadOnlyList<TorrentSession> Seeders => _seeders;

    /// <summary>The lines in front of the seeders, in their order; empty without <see cref="LabSwarmOptions.Link"/>.</summary>
    public IReadOnlyList<LinkShaper> Lines => _lines;

    /// <summary>Hash, name and tracker; nothing else.</summary>
    public string Magnet =>
        $"magnet:?xt=urn:btih:{Torrent.Info.InfoHash}&dn={Uri.EscapeDataString(Content.Name)}&tr={Uri.EscapeDataString(TrackerUrl)}";

    /// <summary>Makes everything and returns when the tracker knows every seeder.</summary>
    public static async Task<LabSwarm> StartAsync(LabSwarmOptions options, CancellationToken cancellationToken)
    {
        var swarm = new LabSwarm(options);
        try
        {
            var content = Path.Combine(swarm._folder, "content");
            Directory.CreateDirectory(content);
            await options.Content.WriteToAsync(content, cancellationToken);
            for (var i = 0; i < options.Seeders; i++)
            {
                await swarm.AddSeederAsync(options, i, content, cancellationToken);
            }

            if (options.Link is null)
            {
                var hash = swarm.Torrent.Info.InfoHash;
                await swarm.Tracker.WaitForAsync(_ => swarm.Tracker.PeersOf(hash).Count >= options.Seeders, cancellationToken);
            }

            return swarm;
        }
        catch
        {
            await swarm.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_seeders.Select(seeder => seeder.DisposeAsync().AsTask()));
        foreach (var line in _lines)
        {
            await line.DisposeAsync();
        }

        await Tracker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task AddSeederAsync(LabSwarmOptions options, int index, string content, CancellationToken cancellationToken)
    {
        var address = new IPAddress([127, 0, 0, (byte)(options.FirstAddress + index)]);
        var seeder = new TorrentSession(
            new BitTorrentOptions
            {
                Discovery = { DisableDht = true },
                MetadataFolder = Path.Combine(_folder, $"seeder-{index}"),
                Cache =
                {
                    Size = 64L << 20,
                    PieceMemory = 16L << 20,
                    HotCache = 0,
                },
                Transport =
                {
                    ListenPort = 0,
                    BindAddresses = [address],
                    Encryption = options.Encryption,
                    DisableLsd = true,
                },
                Swarm = { DisablePex = options.Link is not null }, // it would tell the address behind the line
                HibernateAfter = TimeSpan.Zero,
            },
            options.Loggers,
            TimeProvider.System
        );
        _seeders.Add(seeder);
        await seeder.StartAsync(cancellationToken);
        seeder.StartDiscovery();

        // Behind a line the seeder itself stays unknown: the tracker names the line's end.
        IReadOnlyList<IReadOnlyList<string>> trackers = options.Link is null
            ?
            [
                [TrackerUrl],
            ]
            : [];
        await seeder.AddAsync(
            new TorrentSource(Torrent.Info.InfoHash, Content.Name, trackers, [], Torrent with { Trackers = trackers }, content),
            cancellationToken
        );
        if (options.Link is { } link)
        {
            var line = await LinkShaper.StartAsync(new IPEndPoint(address, seeder.ListenPort), link with { ListenAddress = address });
            _lines.Add(line);
            Tracker.AddPeer(Torrent.Info.InfoHash, new PeerEndPoint(line.EndPoint));
        }
    }
}
