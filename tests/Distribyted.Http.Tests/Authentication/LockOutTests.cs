using System.Net;
using Distribyted.Http.Authentication;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.Http.Tests.Authentication;

[TestFixture]
public sealed class LockOutTests
{
    private static readonly IPAddress Home = IPAddress.Parse("192.0.2.1");

    private readonly FakeTimeProvider _time = new();

    [Test]
    public void Back_off_doubles_up_to_a_quarter_of_an_hour()
    {
        var table = new LockOut(new HttpAccessOptions { MaxFailures = 3 }, _time);

        var waits = Enumerable.Range(0, 40).Select(_ => table.Fail(Home, "a").Wait.TotalSeconds).ToArray();

        Assert.That(waits[..8], Is.EqualTo(new double[] { 0, 0, 60, 120, 240, 480, 900, 900 }));
        Assert.That(waits[8..], Is.All.EqualTo(900));
    }

    [Test]
    public void A_longer_first_back_off_is_the_longest()
    {
        var table = new LockOut(new HttpAccessOptions { MaxFailures = 1, Lockout = TimeSpan.FromHours(24) }, _time);

        Assert.That(Enumerable.Range(0, 30).Select(_ => table.Fail(Home, "a").Wait.TotalHours), Is.All.EqualTo(24));
    }

    [Test]
    public void Zero_means_never()
    {
        var table = new LockOut(new HttpAccessOptions { MaxFailures = 0 }, _time);
        for (var i = 0; i < 100; i++)
        {
            table.Fail(Home, "a");
        }

        Assert.That((table.Wait(Home, "a"), table.Count), Is.EqualTo((TimeSpan.Zero, 0)));
    }

    [
        TestCase("::ffff:192.0.2.1", "192.0.2.1", true),
        TestCase("2001:db8::1", "2001:db8::2:3", true),
        TestCase("2001:db8::1", "2001:db8:0:1::1", false),
        TestCase("192.0.2.1", "192.0.2.2", false)
    ]
    public void Addresses_of_one_line_are_one(string left, string right, bool same)
    {
        var table = new LockOut(new HttpAccessOptions { MaxFailures = 1 }, _time);

        table.Fail(IPAddress.Parse(left), "a");

        Assert.That(table.Wait(IPAddress.Parse(right), "a") > TimeSpan.Zero, Is.EqualTo(same));
    }

    [Test]
    public void The_table_is_bounded_and_a_flood_of_names_does_not_free_who_is_locked_out()
    {
        var table = new LockOut(new HttpAccessOptions { MaxFailures = 2 }, _time);
        table.Fail(Home, "victim");
        table.Fail(Home, "victim");

        for (var i = 0; i < 3 * LockOut.Capacity; i++)
        {
            table.Fail(Home, "name" + i);
        }

        Assert.That(table.Count, Is.EqualTo(LockOut.Capacity));
        Assert.That(table.Wait(Home, "victim"), Is.GreaterThan(TimeSpan.Zero));
    }

    [Test]
    public void A_typo_now_and_then_does_not_add_up()
    {
        var table = new LockOut(new HttpAccessOptions { MaxFailures = 2 }, _time);
        for (var i = 0; i < 10; i++)
        {
            Assert.That(table.Fail(Home, "a"), Is.EqualTo((1, TimeSpan.Zero)));
            _time.Advance(TimeSpan.FromHours(2));
        }
    }
}
