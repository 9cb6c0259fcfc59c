using System.Collections.Concurrent;
using Distribyted.Platform;

namespace Distribyted.Hosting;

/// <summary>Requests under way. When the program ends they get a moment to finish; then they are cut, so that a film that is being
/// played does not use up the time in which peers and trackers are told.</summary>
internal sealed class OpenRequests(TimeProvider time, ILogger<OpenRequests> logger)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<HttpContext, bool> _open = new();
    private ITimer? _timer;

    public async Task TrackAsync(HttpContext context, RequestDelegate next)
    {
        _open.TryAdd(context, true);
        try
        {
            await next(context);
        }
        finally
        {
            _open.TryRemove(context, out _);
        }
    }

    /// <summary>Lets requests under way finish for a moment, then aborts them.</summary>
    public void Drain()
    {
        _timer ??= Background.CreateTimer(time, "end of requests", logger, Cut);
        _timer.Change(Grace, Timeout.InfiniteTimeSpan);
    }

    private void Cut()
    {
        foreach (var context in _open.Keys)
        {
            Background.Try("end of a request", logger, context.Abort);
        }
    }
}
