using System.Net.Http.Headers;
using System.Text;

namespace Distribyted.Routes.Sharing;

/// <summary>Fetches <c>tracker_url</c>: a text with one tracker a line, as public lists are. Bounded in time and size.</summary>
internal sealed class TrackerList(TimeProvider time) : IDisposable
{
    internal const int MaxBytes = 256 * 1024;
    internal const int MaxTrackers = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly string[] Schemes = ["http", "https", "udp", "ws", "wss"];

    private readonly HttpClient _client = new() { Timeout = Timeout.InfiniteTimeSpan };

    public void Dispose()
    {
        _client.Dispose();
    }

    /// <returns>The trackers, at least one; or why there are none.</returns>
    internal async Task<(IReadOnlyList<string> Trackers, string? Reason)> FetchAsync(string url, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/plain"));
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (!response.IsSuccessStatusCode)
            {
                return ([], $"the answer is {(int)response.StatusCode}");
            }

            await using var body = await response.Content.ReadAsStreamAsync(either.Token);
            var bytes = new byte[MaxBytes + 1];
            var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, either.Token);
            if (length > MaxBytes)
            {
                return ([], $"it has more than {MaxBytes} bytes");
            }

            var trackers = Parse(bytes.AsSpan(0, length));
            return (trackers, trackers.Count == 0 ? "there is no tracker in it" : null);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return ([], $"no answer within {Patience.TotalSeconds} s");
        }
        catch (Exception e)
            when (e is HttpRequestException or IOException or InvalidOperationException or UriFormatException or NotSupportedException)
        {
            return ([], e.Message);
        }
    }

    internal static IReadOnlyList<string> Parse(ReadOnlySpan<byte> text)
    {
        return
        [
            .. Encoding
                .UTF8.GetString(text)
                .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Where(line => Uri.TryCreate(line, UriKind.Absolute, out var uri) && Schemes.Contains(uri.Scheme) && uri.Host.Length > 0)
                .Distinct(StringComparer.Ordinal)
                .Take(MaxTrackers),
        ];
    }
}
