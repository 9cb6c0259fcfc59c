using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent;

/// <summary>Registers the engine.</summary>
public static class BitTorrentServices
{
    /// <summary>Adds one <see cref="TorrentSession"/>, started and stopped with the host. Takes <see cref="BitTorrentOptions"/>,
    /// <see cref="ILoggerFactory"/> and <see cref="TimeProvider"/> from the container.</summary>
    public static IServiceCollection AddBitTorrent(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new BitTorrentOptions());
        services.AddSingleton<TorrentSession>();
        services.AddHostedService<SessionHost>();
        return services;
    }

    private sealed class SessionHost(TorrentSession session) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            return session.StartAsync(cancellationToken);
        }

        public async Task StopAsync(CancellationToken cancellationToken)
        {
            await session.DisposeAsync();
        }
    }
}
