using Distribyted.Http.Listeners;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Distribyted.Http.Clients;

/// <summary>The last requests of each kind of client, and what they got: what helps when a device does not connect. In memory only. Safe for use by many threads.</summary>
/// <remarks>A request costs a few writes into a table that is there already. The whole holds at most some 200 requests, whoever asks.</remarks>
public sealed class RecentRequests
{
    /// <summary>What our own check of the listener calls itself; it is no client.</summary>
    public const string OwnUserAgent = "distribyted-self-check";

    private const int PerKind = 16;
    private const int MaxTarget = 512;
    private static readonly int Kinds = Enum.GetValues<ClientKind>().Length;

    private readonly TimeProvider _time;

    // _lock guards both.
    private readonly Lock _lock = new();
    private readonly Ring?[] _rings = new Ring?[Kinds];

    /// <summary>With no requests yet.</summary>
    public RecentRequests(TimeProvider time)
    {
        _time = time;
    }

    /// <summary>The kinds of clients that have asked for anything.</summary>
    public IReadOnlyList<ClientKind> Seen
    {
        get
        {
            lock (_lock)
            {
                return [.. Enum.GetValues<ClientKind>().Where(kind => _rings[(int)kind] is not null)];
            }
        }
    }

    /// <summary>The last requests of a kind of client, newest first.</summary>
    public IReadOnlyList<ClientRequest> Of(ClientKind kind)
    {
        lock (_lock)
        {
            return _rings[(int)kind]?.NewestFirst() ?? [];
        }
    }

    /// <summary>Notes the request, then its answer.</summary>
    public Task TrackAsync(HttpContext context, RequestDelegate next)
    {
        var userAgent = context.Request.Headers.UserAgent.ToString();
        if (userAgent == OwnUserAgent)
        {
            return next(context);
        }

        var kind = ClientKinds.Of(userAgent);
        var number = Begin(context, kind);
        var answer = next(context);
        if (answer.IsCompletedSuccessfully)
        {
            End(context, kind, number);
            return Task.CompletedTask;
        }

        return WaitAsync(context, kind, number, answer);
    }

    private async Task WaitAsync(HttpContext context, ClientKind kind, long number, Task answer)
    {
        try
        {
            await answer;
        }
        finally
        {
            End(context, kind, number);
        }
    }

    private long Begin(HttpContext context, ClientKind kind)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var request = new ClientRequest(
            _time.GetUtcNow(),
            kind,
            context.Listener().Name,
            context.Request.Method,
            target.Length > MaxTarget ? target[..MaxTarget] : target,
            0,
            null,
            context.Request.Headers.Authorization.Count > 0,
            context.Connection.RemoteIpAddress
        );
        lock (_lock)
        {
            return (_rings[(int)kind] ??= new Ring()).Add(request);
        }
    }

    private void End(HttpContext context, ClientKind kind, long number)
    {
        var user = context.User.Identity is { IsAuthenticated: true } identity ? identity.Name : null;
        var status = context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted ? 0 : context.Response.StatusCode;
        lock (_lock)
        {
            _rings[(int)kind]?.Answer(number, status, user);
        }
    }

    /// <summary>The last requests of one kind; older ones are written over.</summary>
    private sealed class Ring
    {
        private readonly ClientRequest[] _requests = new ClientRequest[PerKind];
        private long _count;

        public long Add(ClientRequest request)
        {
            _requests[_count % PerKind] = request;
            return _count++;
        }

        public void Answer(long number, int status, string? user)
        {
            if (number >= _count - PerKind)
            {
                ref var request = ref _requests[number % PerKind];
                request = request with { Status = status, User = user };
            }
        }

        public ClientRequest[] NewestFirst()
        {
            var count = (int)Math.Min(_count, PerKind);
            return [.. Enumerable.Range(1, count).Select(back => _requests[(_count - back) % PerKind])];
        }
    }
}
