using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using System.Text.Json;
using Distribyted.Http.Users;
using Distribyted.Web.Api.V1.Contracts;
using Distribyted.Web.Changes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Distribyted.Web.Api.V1;

/// <summary>GET /api/v1/events: changes as server-sent events.</summary>
internal static class EventsResource
{
    private const int AtOnce = 64;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30); // proxies cut connections that are silent for a minute

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/events", Get)
            .WithName("watchChanges")
            .WithTags("Events")
            .WithSummary("Changes as server-sent events")
            .WithDescription(
                "Begins with `ready`. A client that comes back with `Last-Event-ID` gets what it missed, or `reset` when that is not kept any more: "
                    + "then it reads the lists anew. `ping` comes every 30 s and says nothing."
            );
    }

    private static ServerSentEventsResult<string> Get(
        HttpContext context,
        ChangeFeed feed,
        ChangeWatch watch,
        TimeProvider time,
        IHostApplicationLifetime lifetime
    )
    {
        watch.WatchLibrary();
        context.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would keep events back
        var last = context.Request.Headers["Last-Event-ID"].ToString();
        return TypedResults.ServerSentEvents(
            WatchAsync(last, context.User, feed, watch.Run, time, lifetime.ApplicationStopping, context.RequestAborted)
        );
    }

    private static async IAsyncEnumerable<SseItem<string>> WatchAsync(
        string lastEventId,
        ClaimsPrincipal user,
        ChangeFeed feed,
        string run,
        TimeProvider time,
        CancellationToken stopping,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        var seesAddresses = UserClaims.Rights(user) == UserRights.Full;
        var place = feed.Last;
        var isNew = lastEventId.Length == 0;
        if (!isNew && !TryResume(lastEventId, run, out place))
        {
            place = feed.Last;
            yield return Item(run, place, "reset");
        }
        else if (isNew)
        {
            yield return Item(run, place, "ready");
        }

        while (!end.IsCancellationRequested)
        {
            var (changes, hasGap, more) = feed.Read(place, AtOnce);
            if (hasGap)
            {
                place = feed.Last;
                yield return Item(run, place, "reset");
                continue;
            }

            foreach (var (number, change) in changes)
            {
                place = number;
                if (change.Routes.Any(route => RouteRights.Sees(user, route)))
                {
                    yield return new SseItem<string>(seesAddresses ? change.Data : change.ReadData, change.Type)
                    {
                        EventId = IdOf(run, number),
                    };
                }
            }

            if (!await IsMoreAsync(more, time, end.Token))
            {
                yield return new SseItem<string>("{}", "ping");
            }
        }
    }

    // False: nothing came for a while. At the end of the request or the program it is true.
    private static async Task<bool> IsMoreAsync(Task more, TimeProvider time, CancellationToken end)
    {
        try
        {
            await more.WaitAsync(Quiet, time, end);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    private static SseItem<string> Item(string run, long place, string type)
    {
        return new SseItem<string>(JsonSerializer.Serialize(new ChangeView(type), ApiV1Json.Default.ChangeView), type)
        {
            EventId = IdOf(run, place),
        };
    }

    private static string IdOf(string run, long number)
    {
        return string.Create(CultureInfo.InvariantCulture, $"{run}-{number}");
    }

    private static bool TryResume(string id, string run, out long place)
    {
        place = 0;
        return id.StartsWith(run + "-", StringComparison.Ordinal)
            && long.TryParse(id.AsSpan(run.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out place);
    }
}
