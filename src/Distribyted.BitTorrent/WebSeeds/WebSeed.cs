using System.Net.Sockets;
using Distribyted.BitTorrent.Discovery.Http;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Telemetry;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.WebSeeds;

/// <summary>One host with web seeds of a torrent: brings it into the swarm, and again after it has failed. Of several addresses there it uses one, and the
/// next when that is of no use.</summary>
/// <param name="owner">The swarm.</param>
/// <param name="info">The torrent.</param>
/// <param name="addresses">One or more, all on the same host.</param>
/// <param name="http">Makes its client.</param>
/// <param name="services">Of the session.</param>
internal sealed class WebSeed(IPeerOwner owner, TorrentInfo info, IReadOnlyList<Uri> addresses, OutgoingHttp http, PeerServices services)
{
    private static readonly TimeSpan AfterSuccess = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromHours(1);

    private volatile string? _trouble;

    /// <summary>Why it gives nothing, for users; null: it does, or was not asked yet.</summary>
    public string? Trouble => _trouble;

    /// <summary>Runs until the token ends it.</summary>
    /// <param name="isWhole">Whether nothing of the torrent is missing: then it is not needed.</param>
    /// <param name="cancellationToken">Cancelled when the swarm is closed.</param>
    public async Task RunAsync(Func<bool> isWhole, CancellationToken cancellationToken)
    {
        var used = 0;
        var pause = FirstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            if (!isWhole())
            {
                var (end, received) = await ServeAsync(addresses[used], cancellationToken);
                var host = addresses[used].IdnHost;
                _trouble = received > 0 ? null : $"web seed {host}: {end.Reason}";
                used = end.IsFinal ? used + 1 : used;
                pause =
                    used == addresses.Count ? AfterRefusal
                    : end.IsFinal ? TimeSpan.Zero
                    : end.RetryIn is { } wanted ? Longer(wanted, AfterSuccess)
                    : received > 0 ? AfterSuccess
                    : pause <= AfterSuccess ? FirstPause
                    : Shorter(2 * pause, LongestPause);
                used %= addresses.Count;
                if (cancellationToken.IsCancellationRequested)
                {
                    return;
                }

                if (end.IsFinal)
                {
                    services.Log.WebSeedGivenUp(owner.InfoHash, host, end.Reason);
                }
                else
                {
                    services.Log.WebSeedEnded(owner.InfoHash, host, end.Reason, pause);
                }
            }

            await Task.Delay(isWhole() ? LongestPause : pause, services.Clock.Time, cancellationToken);
        }
    }

    private async Task<(WebSeedEnd End, long Received)> ServeAsync(Uri address, CancellationToken cancellationToken)
    {
        using var client = http.CreateClient(RequestPurpose.WebSeed, WebSeedConnection.MostRanges);
        PeerEndPoint remote;
        try
        {
            var found = await client.FindAsync(address, cancellationToken);
            remote = new PeerEndPoint(found[0], address.Port);
        }
        catch (Exception e) when (e is OutgoingException or SocketException)
        {
            return (new WebSeedEnd(e.Message, IsFinal: e is OutgoingException), 0);
        }

        if (services.Bans.IsBanned(remote, owner.InfoHash))
        {
            return (new WebSeedEnd("sent wrong data", IsFinal: true), 0);
        }

        using var connection = new WebSeedConnection(
            owner,
            services,
            info,
            new WebSeedFiles(client, address, info, services.Clock),
            remote
        );
        if (owner.Join(connection.Peer) != DialOutcome.Joined)
        {
            return (new WebSeedEnd("there is no place for it now"), 0);
        }

        _trouble = null;
        var end = await connection.RunAsync();
        return services.Bans.IsBanned(remote, owner.InfoHash)
            ? (new WebSeedEnd("sent wrong data", IsFinal: true), 0)
            : (end, connection.Received);
    }

    private static TimeSpan Longer(TimeSpan a, TimeSpan b)
    {
        return a > b ? a : b;
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b)
    {
        return a < b ? a : b;
    }
}
