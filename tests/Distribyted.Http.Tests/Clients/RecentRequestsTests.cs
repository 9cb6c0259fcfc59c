using System.Net;
using System.Security.Claims;
using Distribyted.Http.Clients;
using Distribyted.Http.Listeners;
using Distribyted.Http.Users;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.Http.Tests.Clients;

internal sealed class RecentRequestsTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);

    [Test]
    public async Task A_request_is_there_while_it_is_answered_and_has_its_status_and_user_afterwards()
    {
        var recent = new RecentRequests(_time);
        var answered = new TaskCompletionSource();
        var context = Context("/films/a.mkv", "VLC/3.0.18");

        var request = recent.TrackAsync(context, _ => answered.Task);
        var under = recent.Of(ClientKind.Vlc).Single();
        context.User = UserClaims.Principal("anna", UserRights.Read, []);
        context.Response.StatusCode = 206;
        answered.SetResult();
        await request;

        var after = recent.Of(ClientKind.Vlc).Single();
        Assert.That((under.Status, under.User, under.Target, under.Method), Is.EqualTo((0, (string?)null, "/films/a.mkv", "GET")));
        Assert.That((after.Status, after.User, after.At, after.Listener), Is.EqualTo((206, "anna", DateTimeOffset.UnixEpoch, "webdav")));
        Assert.That(recent.Seen, Is.EqualTo([ClientKind.Vlc]));
    }

    [Test]
    public async Task Only_the_last_ones_are_kept_newest_first()
    {
        var recent = new RecentRequests(_time);

        for (var i = 0; i < 100; i++)
        {
            await recent.TrackAsync(Context($"/{i}", "Kodi/20.1"), _ => Task.CompletedTask);
        }

        Assert.That(recent.Of(ClientKind.Kodi).Select(r => r.Target), Is.EqualTo(Enumerable.Range(84, 16).Reverse().Select(i => $"/{i}")));
        Assert.That(recent.Of(ClientKind.Vlc), Is.Empty);
    }

    [Test]
    public async Task An_answer_that_comes_late_does_not_change_a_later_request()
    {
        var recent = new RecentRequests(_time);
        var answered = new TaskCompletionSource();
        var slow = Context("/slow", "Kodi/20.1");
        slow.Response.StatusCode = 500;
        var request = recent.TrackAsync(slow, _ => answered.Task);
        for (var i = 0; i < 16; i++)
        {
            await recent.TrackAsync(Context("/quick", "Kodi/20.1"), _ => Task.CompletedTask);
        }

        answered.SetResult();
        await request;

        Assert.That(recent.Of(ClientKind.Kodi).Select(r => r.Status), Has.All.EqualTo(200));
    }

    [Test]
    public async Task A_long_address_is_cut_and_our_own_check_is_no_client()
    {
        var recent = new RecentRequests(_time);

        await recent.TrackAsync(Context("/" + new string('a', 60_000), "Kodi/20.1"), _ => Task.CompletedTask);
        await recent.TrackAsync(Context("/", RecentRequests.OwnUserAgent), _ => Task.CompletedTask);

        Assert.That(recent.Of(ClientKind.Kodi).Single().Target, Has.Length.EqualTo(512));
        Assert.That(recent.Seen, Is.EqualTo([ClientKind.Kodi]));
    }

    [Test]
    public async Task A_request_allocates_next_to_nothing()
    {
        var recent = new RecentRequests(_time);
        var context = Context("/films/a.mkv", "VLC/3.0.18");
        RequestDelegate next = _ => Task.CompletedTask;
        await recent.TrackAsync(context, next); // done at once, so this thread goes on

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            await recent.TrackAsync(context, next);
        }

        Assert.That((GC.GetAllocatedBytesForCurrentThread() - before) / 1000, Is.LessThan(100));
    }

    private static DefaultHttpContext Context(string target, string userAgent)
    {
        var context = new DefaultHttpContext { User = new ClaimsPrincipal() };
        context.Features.Set(new Listener("webdav", RequireSignIn: true, UserRights.Full, SignInPage: null));
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = target;
        context.Request.Method = "GET";
        context.Request.Headers.UserAgent = userAgent;
        context.Connection.RemoteIpAddress = IPAddress.Loopback;
        return context;
    }
}
