using System.Net.Sockets;
using Distribyted.BitTorrent.Discovery.Names;
using Distribyted.BitTorrent.Discovery.Sockets;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Discovery.Http;

/// <summary>Makes the clients that fetch from addresses which torrents, magnets and the configuration name. Safe for use by many threads.</summary>
/// <param name="options">Own addresses and families: all traffic leaves from them.</param>
/// <param name="guard">Checks every address that is connected to.</param>
/// <param name="names">Resolves; owned by the caller.</param>
/// <param name="time">The clock.</param>
public sealed class OutgoingHttp(TransportOptions options, AddressGuard guard, HostNames names, TimeProvider time)
{
    private readonly OutgoingSockets _sockets = new(options, guard, names, time);

    /// <summary>Makes a client with connections of its own.</summary>
    /// <param name="purpose">What its requests are for.</param>
    /// <param name="connections">Most connections to one host.</param>
    public OutgoingClient CreateClient(RequestPurpose purpose, int connections)
    {
        return new OutgoingClient(_sockets, purpose, connections);
    }

    /// <summary>Fetches a short text from an address of the configuration. Throws only for the caller's token.</summary>
    /// <param name="uri">http or https.</param>
    /// <param name="maxLength">Bytes; a longer one is refused.</param>
    /// <param name="patience">Time for all of it.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The text, or why there is none, for users.</returns>
    public Task<(byte[]? Text, string? Trouble)> FetchTextAsync(
        Uri uri,
        int maxLength,
        TimeSpan patience,
        CancellationToken cancellationToken
    )
    {
        return FetchAsync(uri, RequestPurpose.Configured, maxLength, patience, cancellationToken);
    }

    /// <summary>The same for any address.</summary>
    /// <param name="uri">http or https.</param>
    /// <param name="purpose">Who named it: decides which places it may lead to.</param>
    /// <param name="maxLength">Bytes; a longer one is refused.</param>
    /// <param name="patience">Time for all of it.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The body, or why there is none, for users.</returns>
    public async Task<(byte[]? Body, string? Trouble)> FetchAsync(
        Uri uri,
        RequestPurpose purpose,
        int maxLength,
        TimeSpan patience,
        CancellationToken cancellationToken
    )
    {
        using var client = CreateClient(purpose, 1);
        using var deadline = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var answer = await client.GetAsync(uri, null, either.Token);
            if (!answer.Response.IsSuccessStatusCode)
            {
                return (null, $"the answer is HTTP {(int)answer.Response.StatusCode}");
            }

            await using var body = await answer.Response.Content.ReadAsStreamAsync(either.Token);
            using var whole = new MemoryStream();
            var part = new byte[Math.Min(64 * 1024, maxLength + 1)];
            int count;
            while (whole.Length <= maxLength && (count = await body.ReadAsync(part, either.Token)) > 0)
            {
                whole.Write(part, 0, count);
            }

            return whole.Length > maxLength ? (null, $"it has more than {maxLength} bytes") : (whole.ToArray(), null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"no answer within {patience.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is IOException or HttpRequestException or SocketException)
        {
            return (null, e.Message);
        }
    }
}
