using System.Text;
using Distribyted.BitTorrent;

namespace Distribyted.Routes.Sharing;

/// <summary>Fetches <c>tracker_url</c>: a text with one tracker a line, as public lists are. Bounded in time and size.</summary>
internal sealed class TrackerList(TorrentSession session)
{
    internal const int MaxBytes = 256 * 1024;
    internal const int MaxTrackers = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly string[] Schemes = ["http", "https", "udp", "ws", "wss"];

    /// <returns>The trackers, at least one; or why there are none.</returns>
    internal async Task<(IReadOnlyList<string> Trackers, string? Reason)> FetchAsync(string url, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            return ([], "it is no http or https address");
        }

        var (text, trouble) = await session.FetchTextAsync(uri, MaxBytes, Patience, cancellationToken);
        var trackers = text is null ? [] : Parse(text);
        return (trackers, trouble ?? (trackers.Count == 0 ? "there is no tracker in it" : null));
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
