using System.Net.Sockets;
using Distribyted.BitTorrent.Discovery.Http;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Telemetry;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Torrents;

/// <summary>Fetches metadata from where a magnet says that its <c>.torrent</c> is (<c>xs</c>), beside the swarm. It is believed only if its info hash is right,
/// and of the file nothing else is taken: only the info dictionary is what the user asked for by hash.</summary>
/// <param name="infoHash">Which torrent.</param>
/// <param name="services">Of the session.</param>
internal sealed class ExactSources(InfoHash infoHash, TorrentServices services)
{
    private const int MostSources = 8;
    private static readonly TimeSpan FetchTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    /// <summary>Tries the sources, again and again, until one has the metadata or it is not needed any more.</summary>
    /// <param name="sources">Addresses; those that are not http or https are left out.</param>
    /// <param name="isNeeded">Whether the metadata is missing still.</param>
    /// <param name="cancellationToken">Cancelled when the swarm is closed.</param>
    /// <returns>The info dictionary; null: it came from elsewhere, or there is no source.</returns>
    public async Task<byte[]?> FetchAsync(IReadOnlyList<string> sources, Func<bool> isNeeded, CancellationToken cancellationToken)
    {
        var usable = sources.Select(Parse).OfType<Uri>().Take(MostSources).ToList();
        for (var pause = FirstPause; usable.Count > 0 && isNeeded(); pause = pause < LongestPause ? 2 * pause : pause)
        {
            foreach (var source in usable)
            {
                var (info, trouble) = await TryFetchAsync(source, cancellationToken);
                if (info is not null)
                {
                    return info;
                }

                services.Log.ExactSourceFailed(infoHash, source.IdnHost, trouble!);
            }

            await Task.Delay(pause, services.Time, cancellationToken);
        }

        return null;
    }

    private static Uri? Parse(string text)
    {
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0 ? uri : null;
    }

    private async Task<(byte[]? Info, string? Trouble)> TryFetchAsync(Uri source, CancellationToken cancellationToken)
    {
        using var client = services.Http.CreateClient(RequestPurpose.WebSeed, 1);
        using var deadline = new CancellationTokenSource(FetchTime, services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var answer = await client.GetAsync(source, null, either.Token);
            if (!answer.Response.IsSuccessStatusCode)
            {
                return (null, $"answers HTTP {(int)answer.Response.StatusCode}");
            }

            if (answer.Response.Content.Headers.ContentLength > MetainfoFile.MaxLength)
            {
                return (null, $"has more than {MetainfoFile.MaxLength} bytes");
            }

            var bytes = await ReadAsync(answer, either.Token);
            if (bytes.Length > MetainfoFile.MaxLength)
            {
                return (null, $"has more than {MetainfoFile.MaxLength} bytes");
            }

            var file = MetainfoFile.Read(bytes);
            return file.Info.InfoHash == infoHash ? (file.Info.Bytes.ToArray(), null) : (null, $"is another torrent, {file.Info.InfoHash}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"not whole within {FetchTime.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is IOException or HttpRequestException or SocketException or ProtocolException)
        {
            return (null, e.Message);
        }
    }

    /// <summary>The body, or a byte more than is accepted.</summary>
    private static async Task<byte[]> ReadAsync(OutgoingAnswer answer, CancellationToken cancellationToken)
    {
        await using var body = await answer.Response.Content.ReadAsStreamAsync(cancellationToken);
        using var whole = new MemoryStream();
        var part = new byte[64 * 1024];
        int count;
        while (whole.Length <= MetainfoFile.MaxLength && (count = await body.ReadAsync(part, cancellationToken)) > 0)
        {
            whole.Write(part, 0, count);
        }

        return whole.ToArray();
    }
}
