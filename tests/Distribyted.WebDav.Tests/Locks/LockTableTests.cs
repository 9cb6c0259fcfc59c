using System.Net;
using CsCheck;
using Distribyted.FileSystem;
using Distribyted.Testing;
using Distribyted.WebDav.Locks;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.WebDav.Tests.Locks;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class LockTableTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);

    [Test]
    public void A_lock_ends_by_itself()
    {
        var table = new LockTable(_time);
        table.TryAdd(Lock("a", "/x", seconds: 10));

        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.That(table.Count, Is.EqualTo(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(table.Count, Is.Zero);
        Assert.That(table.Covering(VirtualPath.Parse("/x")), Is.Empty);
    }

    [TestCase(-400), TestCase(400)]
    public void A_clock_that_is_set_neither_ends_nor_keeps_a_lock(int days)
    {
        var clock = new SettableClock();
        var table = new LockTable(clock);
        table.TryAdd(Lock("a", "/x", seconds: 10));

        clock.SetWallClock(TimeSpan.FromDays(days));
        Assert.That(table.Count, Is.EqualTo(1));
        table.Refresh("a", TimeSpan.FromSeconds(20));
        clock.SetWallClock(TimeSpan.FromDays(days));

        clock.Advance(TimeSpan.FromSeconds(19));
        Assert.That(table.Count, Is.EqualTo(1));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(table.Count, Is.Zero);
    }

    [Test]
    public void A_refreshed_lock_lives_on()
    {
        var table = new LockTable(_time);
        table.TryAdd(Lock("a", "/x", seconds: 10));

        _time.Advance(TimeSpan.FromSeconds(9));
        table.Refresh("a", TimeSpan.FromSeconds(10));
        _time.Advance(TimeSpan.FromSeconds(9));

        Assert.That(table.Find("a"), Is.Not.Null);
        Assert.That(table.Covering(VirtualPath.Parse("/x")).Single().Expires, Is.EqualTo(TimeSpan.FromSeconds(19)));
    }

    [TestCase("192.0.2.1", "192.0.2.2", true)]
    [TestCase("192.0.2.1", "::ffff:192.0.2.1", false)]
    [TestCase("2001:db8::1", "2001:db8::2", false)]
    [TestCase("2001:db8::1", "2001:db8:0:1::1", true)]
    public void One_client_cannot_take_all_locks(string address, string other, bool isAnotherClient)
    {
        var table = new LockTable(_time);
        for (var i = 0; i < LockTable.MaxLocksOfAddress; i++)
        {
            Assert.That(table.TryAdd(Lock($"{i}", $"/{i}", seconds: 10, address)), Is.True);
        }

        Assert.That(table.TryAdd(Lock("more", "/more", seconds: 10, address)), Is.False);
        Assert.That(table.TryAdd(Lock("other", "/other", seconds: 10, other)), Is.EqualTo(isAnotherClient));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.That(table.TryAdd(Lock("more", "/more", seconds: 10, address)), Is.True);
    }

    [Test]
    public void One_thing_has_a_few_locks_under_all_its_names()
    {
        var table = new LockTable(_time);
        for (var i = 0; i < LockTable.MaxLocksOfRoot; i++)
        {
            Assert.That(table.TryAdd(Lock($"{i}", i % 2 == 0 ? "/\u00e9" : "/e\u0301", seconds: 10)), Is.True);
        }

        Assert.That(table.TryAdd(Lock("more", "/\u00e9", seconds: 10)), Is.False);
        Assert.That(table.TryAdd(Lock("other", "/\u00e9/x", seconds: 10)), Is.True);
        Assert.That(table.Covering(VirtualPath.Parse("/\u00e9")), Has.Count.EqualTo(LockTable.MaxLocksOfRoot));
    }

    [Test]
    public void Locks_are_found_by_path_as_a_plain_list_finds_them()
    {
        string[] paths = ["/", "/a", "/a/b", "/a/b/c", "/ab", "/b"];
        var actions = Gen.Select(Gen.Int[0, 4], Gen.Int[0, paths.Length - 1].Select(i => paths[i]), Gen.Bool, Gen.Int[1, 20]);
        actions
            .Array[0, 60]
            .Sample(steps =>
            {
                var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
                var table = new LockTable(time);
                var list = new List<DavLock>();
                foreach (var (action, text, flag, number) in steps)
                {
                    var path = VirtualPath.Parse(text);
                    list.RemoveAll(held => held.Expires <= table.Now);
                    switch (action)
                    {
                        case 0 or 1:
                            var held = Lock(Guid.NewGuid().ToString(), text, number) with
                            {
                                Infinite = flag,
                                Expires = table.Now + TimeSpan.FromSeconds(number),
                            };
                            table.TryAdd(held);
                            list.Add(held);
                            break;
                        case 2 when list.Count > 0:
                            table.Remove(list[number % list.Count].Token);
                            list.RemoveAt(number % list.Count);
                            break;
                        case 3:
                            table.RemoveTree(path, flag);
                            list.RemoveAll(held => held.Root.StartsWith(path) && (flag || held.Root != path));
                            break;
                        default:
                            time.Advance(TimeSpan.FromSeconds(number / 4));
                            list.RemoveAll(held => held.Expires <= table.Now);
                            break;
                    }

                    Assert.That(table.Covering(path), Is.EquivalentTo(list.Where(held => held.Covers(path))));
                    Assert.That(table.Below(path), Is.EquivalentTo(list.Where(held => held.Root != path && held.Root.StartsWith(path))));
                    Assert.That(table.Count, Is.EqualTo(list.Count));
                }
            });
    }

    private static DavLock Lock(string token, string path, int seconds, string address = "192.0.2.1")
    {
        var root = VirtualPath.Parse(path);
        return new DavLock(token, root, path, true, false, null, null, IPAddress.Parse(address), TimeSpan.FromSeconds(seconds));
    }
}
