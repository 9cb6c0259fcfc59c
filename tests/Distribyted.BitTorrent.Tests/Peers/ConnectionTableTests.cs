using Distribyted.BitTorrent.Peers;
using static Distribyted.BitTorrent.Peers.SwarmUrgency;

namespace Distribyted.BitTorrent.Tests.Peers;

internal sealed class ConnectionTableTests
{
    [Test]
    public void A_place_that_was_taken_away_is_counted_once()
    {
        var table = new ConnectionTable(4);
        var idle = Share(Idle);
        var reader = Share(Blocked);
        Assert.That(Enumerable.Range(0, 5).Select(_ => table.TryTake(idle)), Is.EqualTo([true, true, true, true, false]));
        Assert.That(table.HasPlaceFor(idle), Is.False);
        Assert.That(table.HasPlaceFor(reader), Is.True);

        Assert.That(table.TryTake(reader), Is.True);
        Assert.That((table.Taken, idle.Connections, table.SurplusOf(idle), reader.Connections), Is.EqualTo((4, 3, 1, 1)));

        table.Leave(idle); // the one that was closed for the reader
        Assert.That((table.Taken, idle.Connections, table.SurplusOf(idle)), Is.EqualTo((4, 3, 0)));
        table.Leave(idle);
        Assert.That((table.Taken, idle.Connections), Is.EqualTo((3, 2)));
    }

    [Test]
    public void A_replaced_connection_leaves_its_place_to_the_new_one()
    {
        var table = new ConnectionTable(1);
        var share = Share(Pending);
        table.TryTake(share);

        table.Replace(share);
        table.Leave(share);

        Assert.That((table.Taken, share.Connections), Is.EqualTo((1, 1)));
        table.Leave(share);
        Assert.That((table.Taken, share.Connections), Is.EqualTo((0, 0)));
    }

    [Test]
    public void Torrents_without_readers_come_to_equal_shares()
    {
        var table = new ConnectionTable(60);
        var shares = Enumerable.Range(0, 3).Select(static _ => Share(Pending)).ToList();

        foreach (var share in shares)
        {
            for (var i = 0; i < 60; i++)
            {
                table.TryTake(share);
            }
        }

        Assert.That(shares.ConvertAll(static s => s.Connections), Is.All.InRange(19, 21));
        Assert.That(table.Taken, Is.EqualTo(60));
    }

    private static SwarmShare Share(SwarmUrgency urgency)
    {
        return new SwarmShare(static () => { }, static () => { }) { Urgency = urgency };
    }
}
