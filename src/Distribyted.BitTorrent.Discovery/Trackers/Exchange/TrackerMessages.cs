using System.Net;
using System.Net.Sockets;
using System.Text;
using Distribyted.BitTorrent.Discovery.Sockets;
using Distribyted.BitTorrent.Protocol.Trackers;

namespace Distribyted.BitTorrent.Discovery.Trackers.Exchange;

/// <summary>Turns what trackers and sockets report into answers for announcers and messages for users.</summary>
internal static class TrackerMessages
{
    private const int MaxUrlLength = 2048;
    private const int MaxMessage = 200;
    private const int ShortestSecret = 4;

    /// <summary>The address of a tracker that can be asked, or null: another scheme (wss), or no address at all.</summary>
    public static TrackerAddress? Usable(string url)
    {
        return
            url.Length <= MaxUrlLength
            && Uri.TryCreate(url.Trim(), UriKind.Absolute, out var uri)
            && uri.Port > 0
            && uri.Scheme is "http" or "https" or "udp"
            && OutgoingSockets.HasHost(uri)
            ? new TrackerAddress(uri)
            : null;
    }

    /// <summary>An answer that was read, as announcers want it.</summary>
    public static AnnounceAnswer Answer(AnnounceResponse response, IPAddress server)
    {
        return new AnnounceAnswer
        {
            Peers = response.Peers,
            Interval = response.Interval,
            MinInterval = response.MinInterval,
            TrackerId = response.TrackerId,
            Trouble = response.Failure,
            Warning = string.IsNullOrWhiteSpace(response.Warning) ? null : response.Warning,
            RetryIn = response.RetryIn,
            Size = response is { Seeders: { } seeders, Leechers: { } leechers } ? new SwarmSize(seeders, leechers) : null,
            ExternalAddress = response.ExternalAddress,
            Server = server,
        };
    }

    /// <summary>A message for a socket's error.</summary>
    public static string For(SocketError error)
    {
        return error switch
        {
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "the name is not known",
            SocketError.ConnectionRefused => "refuses connections",
            SocketError.TimedOut => "does not answer",
            SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.HostUnreachable or SocketError.AddressNotAvailable =>
                "cannot be reached from here",
            _ => "the connection broke",
        };
    }

    /// <summary>A tracker's message as it may be shown: without anything of its address (passkeys), control characters, or length.</summary>
    public static string WithoutSecrets(string message, Uri tracker)
    {
        var credentials = tracker.UserInfo.Split(':');
        foreach (var part in tracker.PathAndQuery.Split(['/', '?', '&', '='], StringSplitOptions.RemoveEmptyEntries).Concat(credentials))
        {
            if (part.Length >= ShortestSecret && part is not "announce" and not "announce.php")
            {
                message = message.Replace(part, "...", StringComparison.OrdinalIgnoreCase);
                message = message.Replace(Uri.UnescapeDataString(part), "...", StringComparison.OrdinalIgnoreCase);
            }
        }

        var shown = new StringBuilder(Math.Min(message.Length, MaxMessage));
        foreach (var c in message.AsSpan(0, Math.Min(message.Length, MaxMessage)))
        {
            shown.Append(char.IsControl(c) ? ' ' : c);
        }

        return shown.ToString().Trim();
    }
}
