using System.Net;
using System.Net.Sockets;
using System.Text;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Tests.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Lab;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.BitTorrent.Tests.Torrents;

/// <summary>What a session does with the DHT.</summary>
internal sealed class DhtSessionTests
{
    private static readonly LabContent Film = LabContent.File("film.mkv", 3.MiB());

    [TestCase(true)]
    [TestCase(false)]
    [CancelAfter(60_000)]
    public async Task A_bare_magnet_finds_its_peers_by_the_nodes_of_others(bool isDiscoveryFirst, CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        var torrent = Film.CreateTorrent(64 * 1024, []);
        await Film.WriteToAsync(folder.Make("content"), cancellationToken);
        await using var router = await StartAsync(folder, "127.0.0.31", [], cancellationToken);
        string[] bootstrap = [$"127.0.0.31:{router.ListenPort}"];
        await using var seeder = await StartAsync(folder, "127.0.0.32", bootstrap, cancellationToken);
        await seeder.AddAsync(new TorrentSource(torrent.Info.InfoHash, null, [], [], torrent, folder.At("content")), cancellationToken);
        await using var reader = await StartAsync(folder, "127.0.0.33", bootstrap, cancellationToken, isDiscoveryFirst);

        var added = await reader.AddAsync(new TorrentSource(torrent.Info.InfoHash, null, [], []), cancellationToken);
        await added.ActivateAsync(cancellationToken);
        reader.StartDiscovery();
        var info = await added.GetInfoAsync(cancellationToken);

        Assert.That(info.InfoHash, Is.EqualTo(torrent.Info.InfoHash));
    }

    [TestCase(true)]
    [TestCase(false)]
    [CancelAfter(60_000)]
    public async Task Nodes_that_a_torrent_file_names_are_asked(bool isDiscoveryFirst, CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        using var node = new UdpClient(new IPEndPoint(IPAddress.Parse("127.0.0.40"), 0));
        await using var session = await StartAsync(folder, "127.0.0.33", [], cancellationToken, isDiscoveryFirst);
        var torrent = Film.CreateTorrent(64 * 1024, []) with { Nodes = [("127.0.0.40", ((IPEndPoint)node.Client.LocalEndPoint!).Port)] };

        await session.AddAsync(
            new TorrentSource(torrent.Info.InfoHash, null, [], [], MetainfoFile.Read(torrent.Write())),
            cancellationToken
        );
        session.StartDiscovery();

        var question = await node.ReceiveAsync(cancellationToken);
        Assert.That(Encoding.ASCII.GetString(question.Buffer), Does.Contain("1:q9:find_node"));
    }

    [Test, CancelAfter(60_000)]
    public async Task Peers_that_come_before_the_node_is_started_are_told_of_it_and_theirs_is_asked_later(
        CancellationToken cancellationToken
    )
    {
        using var folder = new TempFolder();
        using var node = new UdpClient(new IPEndPoint(IPAddress.Parse("127.0.0.1"), 0));
        await using var session = await StartAsync(folder, "127.0.0.1", [], cancellationToken, isDiscoveryFirst: false);
        var file = Film.CreateTorrent(64 * 1024, []);
        var torrent = await session.AddAsync(new TorrentSource(file.Info.InfoHash, null, [], [], file), cancellationToken);
        await torrent.ActivateAsync(cancellationToken);

        using var peer = await RawPeer.DialAsync(session.ListenPort, file.Info.InfoHash, cancellationToken, hasDht: true);
        await peer.SayAsync(b => PeerMessageWriter.WritePort(b, (ushort)((IPEndPoint)node.Client.LocalEndPoint!).Port), cancellationToken);
        await peer.HearAsync(PeerMessageKind.Port, cancellationToken);
        session.StartDiscovery();

        var question = await node.ReceiveAsync(cancellationToken);
        Assert.That(peer.Theirs.SupportsDht, Is.True);
        Assert.That(Encoding.ASCII.GetString(question.Buffer), Does.Contain("1:q4:ping"));
    }

    [TestCase(true)]
    [TestCase(false)]
    [CancelAfter(60_000)]
    public async Task Peers_are_told_of_our_node_and_tell_of_theirs_unless_it_is_switched_off(
        bool isOn,
        CancellationToken cancellationToken
    )
    {
        await using var bed = await SwarmBed.StartAsync(Film, 64 * 1024, cancellationToken, o => Use(o, isOn));
        var torrent = await bed.AddFileAsync(cancellationToken);
        await torrent.ActivateAsync(cancellationToken);
        using var node = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));

        using var peer = await RawPeer.DialAsync(bed.Session.ListenPort, bed.Info.InfoHash, cancellationToken, hasDht: true);
        await peer.SayAsync(b => PeerMessageWriter.WritePort(b, (ushort)((IPEndPoint)node.Client.LocalEndPoint!).Port), cancellationToken);

        Assert.That(peer.Theirs.SupportsDht, Is.EqualTo(isOn));
        if (isOn)
        {
            await peer.HearAsync(PeerMessageKind.Port, cancellationToken);
            var question = await node.ReceiveAsync(cancellationToken);
            Assert.That(Encoding.ASCII.GetString(question.Buffer), Does.Contain("1:q4:ping"));
            Assert.That(question.RemoteEndPoint.Port, Is.EqualTo(bed.Session.ListenPort));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_private_torrent_keeps_out_of_it(CancellationToken cancellationToken)
    {
        using var node = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)node.Client.LocalEndPoint!).Port;
        await using var bed = await SwarmBed.StartAsync(Film, 64 * 1024, cancellationToken, o => Use(o, true, $"127.0.0.1:{port}"));
        var file = Film.CreateTorrent(64 * 1024, [], isPrivate: true) with { Nodes = [("127.0.0.1", port)] };
        var torrent = await bed.Session.AddAsync(new TorrentSource(file.Info.InfoHash, null, [], [], file), cancellationToken);
        await torrent.ActivateAsync(cancellationToken);

        using var peer = await RawPeer.DialAsync(bed.Session.ListenPort, file.Info.InfoHash, cancellationToken, hasDht: true);
        await peer.SayAsync(static b => PeerMessageWriter.WriteInterested(b), cancellationToken);
        var hash = file.Info.InfoHash.ToArray();
        var question = await node.ReceiveAsync(cancellationToken); // the table looks for nodes

        Assert.That(question.Buffer.AsSpan().IndexOf(hash), Is.Negative);
        Assert.That(peer.Theirs.SupportsDht, Is.False);
    }

    private static void Use(BitTorrentOptions options, bool isOn, params string[] bootstrap)
    {
        options.Discovery.DisableDht = !isOn;
        options.Discovery.DhtBootstrap = bootstrap;
    }

    private static async Task<TorrentSession> StartAsync(
        TempFolder folder,
        string address,
        string[] bootstrap,
        CancellationToken cancellationToken,
        bool isDiscoveryFirst = true
    )
    {
        var session = new TorrentSession(
            new BitTorrentOptions
            {
                MetadataFolder = folder.Make(address),
                Discovery = { DhtBootstrap = bootstrap },
                Transport = { ListenPort = 0, BindAddresses = [IPAddress.Parse(address)] },
                Cache = { Size = 64.MiB(), PieceMemory = 8.MiB() },
            },
            NullLoggerFactory.Instance,
            TimeProvider.System
        );
        await session.StartAsync(cancellationToken);
        if (isDiscoveryFirst)
        {
            session.StartDiscovery();
        }

        return session;
    }
}
