using System.Net;
using Distribyted.Http.Authentication;
using Distribyted.Testing;

namespace Distribyted.Http.Tests.Authentication;

[TestFixture]
public sealed class LockOutTests
{
    private static readonly IPAddress Home = IPAddress.Parse("192.0.2.1");

    private readonly SettableClock _time = new();
    private int _guess;

    [Test]
    public void Back_off_doubles_up_to_a_quarter_of_an_hour()
    {
        var table = new LockOut(new HttpAccessOptions { MaxFailures = 3 }, _time);

        var waits = Enumerable.Range(0, 40).Select(_ => Fail(table, "a").Wait.TotalSeconds).ToArray();

        Assert.That(waits[..8], Is.EqualTo(new double[] { 0, 0, 60, 120, 240, 480, 900, 900 }));
        Assert.That(waits[8..], Is.All.EqualTo(900));
    }

    [Test]
    public void A_longer_first_back_off_is_the_longest()
    {
        var table = new LockOut(new HttpAccessOptions { MaxFailures = 1, Lockout = TimeSpan.FromHours(24) }, _time);

        Assert.That(Enumerable.Range(0, 30).Select(_ => Fail(table, "a").Wait.TotalHours), Is.All.EqualTo(24));
    }

    [Test]
    public void Zero_means_never()
    {
        var table = new LockOut(new HttpAccessOptions { MaxFailures = 0 }, _time);
        for (var i = 0; i < 100; i++)
        {
            Fail(table, "a");
        }

        Assert.That((Wait(table, "a"), table.Count), Is.EqualTo((TimeSpan.Zero, 0)));
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

        table.Fail(IPAddress.Parse(left), Claimant.Basic("a"), isUser: true, "x"u8);

        Assert.That(table.Wait(IPAddress.Parse(right), Claimant.Basic("a"), isUser: true) > TimeSpan.Zero, Is.EqualTo(same));
    }

    [Test]
    public void The_same_wrong_passwords_again_count_once_and_lock_no_user_out()
    {
        var table = new LockOut(new HttpAccessOptions { MaxFailures = 3 }, _time);

        for (var second = 0; second < 5000; second++)
        {
            table.Fail(Home, Claimant.Basic("a"), isUser: true, "a:old"u8);
            var verdict = table.Fail(Home, Claimant.Basic("a"), isUser: true, "a:older"u8);
            Assert.That((verdict.Failures, verdict.IsNew, verdict.Wait), Is.EqualTo((2, second == 0, TimeSpan.Zero)));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(Fail(table, "a"), Is.EqualTo((1, TimeSpan.Zero)), "the two are more than an hour old");
        Assert.That(Fail(table, "a"), Is.EqualTo((2, TimeSpan.Zero)));
        Assert.That(Fail(table, "a").Wait, Is.EqualTo(TimeSpan.FromSeconds(60)));
    }

    [Test]
    public void Who_repeats_a_password_while_locked_out_does_not_stay_locked_out()
    {
        var table = new LockOut(new HttpAccessOptions { MaxFailures = 2 }, _time);
        table.Fail(Home, Claimant.Basic("a"), isUser: true, "a:old"u8);
        Fail(table, "a");
        _time.Advance(TimeSpan.FromSeconds(60));

        var verdict = table.Fail(Home, Claimant.Basic("a"), isUser: true, "a:old"u8);

        Assert.That((verdict.Failures, verdict.Wait), Is.EqualTo((2, TimeSpan.Zero)));
    }

    [Test]
    public void A_program_with_Digest_and_an_old_password_locks_itself_out()
    {
        var table = new LockOut(new HttpAccessOptions { MaxFailures = 2 }, _time);
        var forgotten = Claimant.Digest("a", "Kodi/21");

        for (var i = 0; i < 10; i++)
        {
            table.Fail(Home, forgotten, isUser: true, []);
        }

        Assert.That(table.Wait(Home, forgotten, isUser: true), Is.GreaterThan(TimeSpan.Zero));
        Assert.That(Wait(table, "a"), Is.EqualTo(TimeSpan.Zero), "with Basic");
        Assert.That(table.Wait(Home, Claimant.Digest("a", "gvfs/1.50"), isUser: true), Is.EqualTo(TimeSpan.Zero), "with another program");
    }

    [Test]
    public void Another_program_name_for_each_guess_gains_little()
    {
        var table = new LockOut(new HttpAccessOptions { MaxFailures = 10 }, _time);
        var looked = 0;

        for (var i = 0; i < 10_000; i++)
        {
            var guesser = Claimant.Digest("a", "guesser " + i);
            if (table.Wait(Home, guesser, isUser: true) == TimeSpan.Zero)
            {
                table.Fail(Home, guesser, isUser: true, []);
                looked++;
            }
        }

        Assert.That(looked, Is.EqualTo(10 * Claimant.Programs));
    }

    [TestCase(1), TestCase(2)]
    public void A_flood_of_names_forgets_no_wrong_password_of_its_address(int before)
    {
        var table = new LockOut(new HttpAccessOptions { MaxFailures = 3 }, _time);
        for (var i = 0; i < before; i++)
        {
            Fail(table, "victim");
        }

        for (var i = 0; i < 3 * LockOut.Capacity; i++)
        {
            Fail(table, "name" + i, isUser: false);
        }

        Assert.That(table.Count, Is.LessThan(30));
        Assert.That(Fail(table, "victim").Failures, Is.EqualTo(before + 1));
    }

    [Test]
    public void A_flood_of_names_locks_out_no_user_and_does_not_show_who_is_one()
    {
        var table = new LockOut(new HttpAccessOptions { MaxFailures = 3 }, _time);

        for (var i = 0; i < 100; i++)
        {
            Fail(table, "name" + i, isUser: false);
        }

        Assert.That(Wait(table, "anna"), Is.EqualTo(TimeSpan.Zero), "her password is looked at");
        Assert.That(Wait(table, "unknown", isUser: false), Is.GreaterThan(TimeSpan.Zero));
        for (var i = 0; i < 2; i++)
        {
            var verdict = table.Fail(Home, Claimant.Basic("anna"), isUser: true, BitConverter.GetBytes(_guess++));
            Assert.That(
                verdict.Shared,
                Is.EqualTo(Wait(table, "unknown", isUser: false)),
                "a wrong one is answered as one for an unknown user"
            );
        }

        Fail(table, "anna");
        Assert.That(Wait(table, "anna"), Is.GreaterThan(TimeSpan.Zero), "and three of them are enough");
    }

    [Test]
    public void The_table_is_bounded_and_a_flood_of_addresses_does_not_free_who_is_locked_out()
    {
        var table = new LockOut(new HttpAccessOptions { MaxFailures = 2 }, _time);
        Fail(table, "victim");
        Fail(table, "victim");

        for (var i = 0; i < 3 * LockOut.Capacity; i++)
        {
            table.Fail(new IPAddress(i + 1), Claimant.Basic("name"), isUser: false, BitConverter.GetBytes(i));
        }

        Assert.That(table.Count, Is.EqualTo(LockOut.Capacity));
        Assert.That(Wait(table, "victim"), Is.GreaterThan(TimeSpan.Zero));
    }

    [TestCase(-400), TestCase(400)]
    public void A_clock_that_is_set_neither_frees_nor_keeps_anybody(int days)
    {
        var table = new LockOut(new HttpAccessOptions { MaxFailures = 1 }, _time);
        Fail(table, "a");

        _time.SetWallClock(TimeSpan.FromDays(days));

        Assert.That(Wait(table, "a"), Is.EqualTo(TimeSpan.FromSeconds(60)));
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.That(Wait(table, "a"), Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void A_typo_now_and_then_does_not_add_up()
    {
        var table = new LockOut(new HttpAccessOptions { MaxFailures = 2 }, _time);
        for (var i = 0; i < 10; i++)
        {
            Assert.That(Fail(table, "a"), Is.EqualTo((1, TimeSpan.Zero)));
            _time.Advance(TimeSpan.FromHours(2));
        }
    }

    // With a password that was not tried before.
    private (int Failures, TimeSpan Wait) Fail(LockOut table, string user, bool isUser = true)
    {
        var verdict = table.Fail(Home, Claimant.Basic(user), isUser, BitConverter.GetBytes(_guess++));
        return (verdict.Failures, verdict.Wait);
    }

    private static TimeSpan Wait(LockOut table, string user, bool isUser = true)
    {
        return table.Wait(Home, Claimant.Basic(user), isUser);
    }
}
