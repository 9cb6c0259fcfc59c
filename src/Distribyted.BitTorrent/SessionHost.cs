using Distribyted.Platform;
using Microsoft.Extensions.Hosting;

namespace Distribyted.BitTorrent;

/// <summary>Starts and stops the session with the host: cache and port of peers with everything else, discovery when users have what they need.</summary>
/// <remarks>A host calls <see cref="StartedAsync"/> when all of its services have started, those that listen for HTTP as well.</remarks>
internal sealed class SessionHost(TorrentSession session, TimeProvider time) : IHostedLifecycleService, IDisposable
{
    /// <summary>What comes first after a start are requests of players and mounts that wait for it; discovery would take their CPU time.</summary>
    private static readonly TimeSpan FirstRequests = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _stop = new();
    private Task _discovery = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        return session.StartAsync(cancellationToken);
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var due = Task.WhenAny(session.DiscoveryWanted, Task.Delay(FirstRequests, time, _stop.Token));
        _discovery = Background.Run("start of discovery", session.Log, () => StartDiscoveryAsync(due));
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _discovery;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await session.DisposeAsync();
    }

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _stop.Dispose();
    }

    private async Task StartDiscoveryAsync(Task due)
    {
        await due;
        _stop.Token.ThrowIfCancellationRequested();
        session.StartDiscovery();
    }
}
