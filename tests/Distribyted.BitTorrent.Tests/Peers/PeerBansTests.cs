using System.Net;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Tests.Peers;

internal sealed class PeerBansTests
{
    private static readonly InfoHash A = InfoHash.Compute([1]);
    private static readonly InfoHash B = InfoHash.Compute([2]);
    private static readonly InfoHash C = InfoHash.Compute([3]);

    private FakeTimeProvider _time = null!;
    private PeerBans _bans = null!;

    [SetUp]
    public void Empty()
    {
        _time = new FakeTimeProvider();
        _bans = new PeerBans(new MonotonicClock(_time));
    }

    [Test]
    public void One_bad_piece_closes_one_torrent()
    {
        _bans.Ban(Peer(1000), A, isShared: false);

        Assert.That(_bans.IsBanned(Peer(2000), A), Is.True, "the address, whatever the port");
        Assert.That(_bans.IsBanned(Peer(1000), B), Is.False);
        Assert.That(_bans.IsBanned(Peer(1000)), Is.False);
    }

    [Test]
    public void A_second_torrent_closes_them_all()
    {
        _bans.Ban(Peer(1000), A, isShared: false);
        _bans.Ban(Peer(1000), A, isShared: false);
        Assert.That(_bans.IsBanned(Peer(1000)), Is.False);

        _bans.Ban(Peer(1001), B, isShared: false);

        Assert.That(_bans.IsBanned(Peer(1002)), Is.True);
        Assert.That(_bans.IsBanned(Peer(1002), C), Is.True);
    }

    [Test]
    public void A_web_server_is_closed_to_the_torrents_that_it_has_wrong_and_no_other()
    {
        _bans.Ban(Peer(443), A, isShared: false, isServer: true);
        _bans.Ban(Peer(443), B, isShared: false, isServer: true);

        Assert.That(_bans.IsBanned(Peer(443), A), Is.True);
        Assert.That(_bans.IsBanned(Peer(443), C), Is.False);
        Assert.That(_bans.IsBanned(Peer(443)), Is.False);
    }

    [Test]
    public void Neighbours_behind_one_address_are_banned_last()
    {
        _bans.Ban(Peer(1), A, isShared: true);
        Assert.That(_bans.IsBanned(Peer(1), A), Is.True);
        Assert.That(_bans.IsBanned(Peer(2), A), Is.False);

        _bans.Ban(Peer(3), A, isShared: true);
        Assert.That(_bans.IsBanned(Peer(2), A), Is.False);

        _bans.Ban(Peer(4), A, isShared: true);
        Assert.That(_bans.IsBanned(Peer(2), A), Is.True);
        Assert.That(_bans.IsBanned(Peer(2), B), Is.False);

        _bans.Ban(Peer(4), B, isShared: true);
        Assert.That(_bans.IsBanned(Peer(2)), Is.False);

        _bans.Ban(Peer(4), C, isShared: true);
        Assert.That(_bans.IsBanned(Peer(2)), Is.True);
    }

    [Test]
    public void Every_lie_is_forgotten_after_an_hour()
    {
        _bans.Ban(Peer(1), A, isShared: false);
        _time.Advance(TimeSpan.FromMinutes(50));
        _bans.Ban(Peer(1), B, isShared: false);
        Assert.That(_bans.IsBanned(Peer(1)), Is.True);

        _time.Advance(TimeSpan.FromMinutes(11));

        Assert.That(_bans.IsBanned(Peer(1)), Is.False);
        Assert.That(_bans.IsBanned(Peer(1), A), Is.False);
        Assert.That(_bans.IsBanned(Peer(1), B), Is.True);

        _time.Advance(TimeSpan.FromMinutes(50));

        Assert.That(_bans.IsBanned(Peer(1), B), Is.False);
        Assert.That(_bans.Count, Is.Zero);
    }

    [Test]
    public void Who_owns_a_whole_IPv6_network_is_one_peer()
    {
        _bans.Ban(new PeerEndPoint(IPAddress.Parse("2001:db8:1:2::1"), 1), A, isShared: false);

        Assert.That(_bans.IsBanned(new PeerEndPoint(IPAddress.Parse("2001:db8:1:2:ffff::9"), 2), A), Is.True);
        Assert.That(_bans.IsBanned(new PeerEndPoint(IPAddress.Parse("2001:db8:1:3::1"), 1), A), Is.False);
    }

    [Test]
    public void On_loopback_every_end_point_is_a_peer_of_its_own()
    {
        _bans.Ban(new PeerEndPoint(IPAddress.Loopback, 1), A, isShared: true);

        Assert.That(_bans.IsBanned(new PeerEndPoint(IPAddress.Loopback, 1), A), Is.True);
        Assert.That(_bans.IsBanned(new PeerEndPoint(IPAddress.Loopback, 2), A), Is.False);
    }

    private static PeerEndPoint Peer(int port)
    {
        return new PeerEndPoint(IPAddress.Parse("198.51.100.7"), port);
    }
}
