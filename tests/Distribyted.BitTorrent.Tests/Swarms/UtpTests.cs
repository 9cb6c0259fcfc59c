using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>Sessions that speak µTP to one another, and the keys that switch transports off.</summary>
internal sealed class UtpTests
{
    private static readonly LabContent Film = LabContent.File("film.mkv", 5_345_678);

    [TestCase(true, true, TestName = "neither has TCP")]
    [TestCase(false, true, TestName = "who dials has no TCP")]
    [TestCase(true, false, TestName = "who is dialled has no TCP")]
    [CancelAfter(60_000)]
    public async Task A_torrent_is_read_over_utp(bool withoutTcp, bool dialsWithoutTcp, CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await bed.GetInfoAsync(torrent, cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
        await bed.RestartAsync(cancellationToken, o => o.Transport.DisableTcp = withoutTcp);
        await bed.AddMagnetAsync(cancellationToken);
        await using var other = await SwarmBed.StartAsync(
            Film,
            256 * 1024,
            cancellationToken,
            o => (o.Swarm.DisablePex, o.Transport.DisableTcp) = (true, dialsWithoutTcp)
        );
        var copy = await other.Session.AddAsync(
            new TorrentSource(bed.Info.InfoHash, null, [], [new PeerEndPoint(IPAddress.Loopback, bed.Session.ListenPort)]),
            cancellationToken
        );

        await other.GetInfoAsync(copy, cancellationToken);
        await other.ReadAndCompareAsync(copy, 0, (int)Film.Length, cancellationToken);
    }

    [TestCase(false, false, true, true)]
    [TestCase(true, false, false, true)]
    [TestCase(false, true, true, false)]
    [CancelAfter(60_000)]
    public async Task What_is_switched_off_has_no_port(
        bool disableTcp,
        bool disableUtp,
        bool hasTcp,
        bool hasUdp,
        CancellationToken cancellationToken
    )
    {
        await using var bed = await SwarmBed.StartAsync(
            Film,
            256 * 1024,
            cancellationToken,
            o => (o.Transport.DisableTcp, o.Transport.DisableUtp) = (disableTcp, disableUtp)
        );

        Assert.That(IsTaken(SocketType.Stream, bed.Session.ListenPort), Is.EqualTo(hasTcp));
        Assert.That(IsTaken(SocketType.Dgram, bed.Session.ListenPort), Is.EqualTo(hasUdp));
    }

    private static bool IsTaken(SocketType type, int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
