using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Tests.Peers;

internal sealed class OpenDialsTests
{
    private const long Second = MonotonicClock.Second;

    private OpenDials _dials = null!;
    private int _last;

    [SetUp]
    public void Empty()
    {
        _dials = new OpenDials();
        _last = 0;
    }

    [Test]
    public void So_many_begin_at_once_and_no_more()
    {
        Assert.That(BeginAll(now: 0), Is.EqualTo(OpenDials.MaxFresh));

        _dials.End(Peer(1));

        Assert.That(BeginAll(now: 0), Is.EqualTo(1));
    }

    [Test]
    public void Who_has_not_answered_in_a_second_keeps_no_other_from_being_dialled()
    {
        BeginAll(now: 0);

        Assert.That(BeginAll(now: Second - 1), Is.Zero);
        Assert.That(BeginAll(now: Second), Is.EqualTo(OpenDials.MaxOpen - OpenDials.MaxFresh));
    }

    [Test]
    public void A_swarm_of_the_dead_is_gone_through_at_a_bounded_number_of_open_dials()
    {
        var begun = new Queue<(int Dial, long At)>();
        var most = 0;
        for (var now = 0L; now < 60 * Second; now += Second)
        {
            while (begun.TryPeek(out var oldest) && now - oldest.At >= 5 * Second)
            {
                _dials.End(Peer(begun.Dequeue().Dial));
            }

            var first = _last;
            BeginAll(now);
            for (var dial = first + 1; dial <= _last; dial++)
            {
                begun.Enqueue((dial, now));
            }

            most = Math.Max(most, _dials.Count);
        }

        Assert.That(most, Is.EqualTo(OpenDials.MaxOpen));
        Assert.That(_last, Is.GreaterThan(500), "in a minute");
    }

    private int BeginAll(long now)
    {
        var first = _last;
        while (_dials.MayBegin(now))
        {
            _dials.Begin(Peer(++_last), now);
        }

        return _last - first;
    }

    private static PeerEndPoint Peer(int number)
    {
        return new PeerEndPoint(new System.Net.IPAddress([10, 0, (byte)(number >> 8), (byte)number]), 6881);
    }
}
