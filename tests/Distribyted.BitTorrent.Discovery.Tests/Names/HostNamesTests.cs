using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Discovery.Names;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Discovery.Tests.Names;

internal sealed class HostNamesTests
{
    private static readonly IPAddress[] Found = [IPAddress.Parse("203.0.113.5")];

    [TestCase(12)]
    [TestCase(30)]
    [CancelAfter(60_000)]
    public async Task Names_without_an_answer_delay_no_other(int dead, CancellationToken cancellationToken)
    {
        using var names = new HostNames(new FakeTimeProvider(), Resolve);
        AskForDead(names, dead, cancellationToken);

        var addresses = await names.ResolveAsync("good.example", cancellationToken);

        Assert.That(addresses, Is.EqualTo(Found), "no time has passed");
    }

    [Test, CancelAfter(60_000)]
    public async Task A_hundred_of_them_delay_another_by_less_than_a_second(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        using var names = new HostNames(time, Resolve);
        AskForDead(names, 100, cancellationToken);

        var asking = names.ResolveAsync("good.example", cancellationToken);
        Advance(time, TimeSpan.FromSeconds(0.9));

        Assert.That(await asking, Is.EqualTo(Found));
    }

    [Test, CancelAfter(60_000)]
    public void No_more_than_so_many_are_looked_up_at_once(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        var begun = 0;
        using var names = new HostNames(
            time,
            _ =>
            {
                Interlocked.Increment(ref begun);
                return new TaskCompletionSource<IPAddress[]>().Task;
            }
        );

        AskForDead(names, 1000, cancellationToken);
        Assert.That(begun, Is.EqualTo(NameLookups.MaxYoung));
        Advance(time, TimeSpan.FromSeconds(5));

        Assert.That(begun, Is.EqualTo(NameLookups.MaxInAll));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_name_that_had_an_address_keeps_it_while_no_name_server_answers(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        var isUp = true;
        using var names = new HostNames(
            time,
            _ => isUp ? Task.FromResult(Found) : Task.FromException<IPAddress[]>(new SocketException((int)SocketError.TryAgain))
        );

        await names.ResolveAsync("good.example", cancellationToken);
        isUp = false;
        for (var minute = 0; minute < 30; minute++)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            Assert.That(await names.ResolveAsync("good.example", cancellationToken), Is.EqualTo(Found));
            Assert.That(names.IsResolved("good.example"), Is.True);
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_name_server_that_is_silent_about_a_known_name_is_waited_for_half_a_second(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        var isUp = true;
        using var names = new HostNames(time, _ => isUp ? Task.FromResult(Found) : new TaskCompletionSource<IPAddress[]>().Task);

        await names.ResolveAsync("good.example", cancellationToken);
        isUp = false;
        time.Advance(TimeSpan.FromMinutes(6));
        var asking = names.ResolveAsync("good.example", cancellationToken);
        time.Advance(TimeSpan.FromSeconds(0.5));

        Assert.That(await asking, Is.EqualTo(Found));
    }

    [TestCase(SocketError.TryAgain, 6)]
    [TestCase(SocketError.HostNotFound, 31)]
    [CancelAfter(60_000)]
    public void A_name_that_has_no_address_is_looked_up_again_after_a_while(
        SocketError error,
        int seconds,
        CancellationToken cancellationToken
    )
    {
        var time = new FakeTimeProvider();
        var begun = 0;
        using var names = new HostNames(
            time,
            _ =>
            {
                begun++;
                return Task.FromException<IPAddress[]>(new SocketException((int)error));
            }
        );

        for (var asked = 0; asked < 3; asked++)
        {
            Assert.That(async () => await names.ResolveAsync("bad.example", cancellationToken), Throws.TypeOf<SocketException>());
        }

        Assert.That(begun, Is.EqualTo(1));
        time.Advance(TimeSpan.FromSeconds(seconds));
        Assert.That(async () => await names.ResolveAsync("bad.example", cancellationToken), Throws.TypeOf<SocketException>());
        Assert.That(begun, Is.EqualTo(2));
        names.ForgetFailures();
        Assert.That(async () => await names.ResolveAsync("bad.example", cancellationToken), Throws.TypeOf<SocketException>());
        Assert.That(begun, Is.EqualTo(3));
    }

    [Test, CancelAfter(60_000)]
    public async Task The_system_is_asked_on_a_thread_of_its_own(CancellationToken cancellationToken)
    {
        using var names = new HostNames(TimeProvider.System);

        Assert.That(await names.ResolveAsync("localhost", cancellationToken), Is.Not.Empty);
        Assert.That(async () => await names.ResolveAsync("no-such-host.invalid", cancellationToken), Throws.TypeOf<SocketException>());
    }

    private static Task<IPAddress[]> Resolve(string host)
    {
        return host == "good.example" ? Task.FromResult(Found) : new TaskCompletionSource<IPAddress[]>().Task;
    }

    private static void Advance(FakeTimeProvider time, TimeSpan by)
    {
        for (var passed = TimeSpan.Zero; passed < by; passed += TimeSpan.FromMilliseconds(10))
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
        }
    }

    private static void AskForDead(HostNames names, int count, CancellationToken cancellationToken)
    {
        for (var i = 0; i < count; i++)
        {
            _ = names.ResolveAsync($"dead{i}.example", cancellationToken);
        }
    }
}
