using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent;

/// <summary>Registers the engine.</summary>
public static class BitTorrentServices
{
    /// <summary>Adds one <see cref="TorrentSession"/>, started and stopped with the host; discovery starts after all else of the host has. Takes <see cref="BitTorrentOptions"/>,
    /// <see cref="ILoggerFactory"/> and <see cref="TimeProvider"/> from the container.</summary>
    public static IServiceCollection AddBitTorrent(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new BitTorrentOptions());
        services.AddSingleton<TorrentSession>();
        services.AddHostedService<SessionHost>();
        return services;
    }
}
