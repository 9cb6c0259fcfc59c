using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Discovery.Sockets;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Discovery.Trackers.Exchange;

/// <summary>The outcome of an announce, over HTTP or UDP. Immutable.</summary>
internal sealed record AnnounceAnswer
{
    /// <summary>Peers named; <see cref="Server"/> decides which of them are believed.</summary>
    public IReadOnlyList<PeerEndPoint> Peers { get; init; } = [];

    /// <summary>What the tracker wants between announces; null: it did not say.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>What it insists on; null: it did not say.</summary>
    public TimeSpan? MinInterval { get; init; }

    /// <summary>To be sent back in the next announce (BEP 3); null: none.</summary>
    public string? TrackerId { get; init; }

    /// <summary>Why there are no peers, to be shown to a user, without the tracker's name; null: it worked.</summary>
    public string? Trouble { get; init; }

    /// <summary>What the tracker complains of although it answered (BEP 3 <c>warning message</c>); null: nothing.</summary>
    public string? Warning { get; init; }

    /// <summary>How many peers it counts; null: it did not say.</summary>
    public SwarmSize? Size { get; init; }

    /// <summary>Our address as it sees it (BEP 24); null: it did not say.</summary>
    public IPAddress? ExternalAddress { get; init; }

    /// <summary>When a failing tracker wants to be asked again (BEP 31); <see cref="TimeSpan.MaxValue"/>: never.</summary>
    public TimeSpan? RetryIn { get; init; }

    /// <summary>No answer came: other torrents need not try this tracker right now.</summary>
    public bool Unreachable { get; init; }

    /// <summary>It could not be asked, because our own network is down: says nothing about the tracker.</summary>
    public bool IsOurNetwork { get; init; }

    /// <summary>It was not asked, because others just got no answer.</summary>
    public bool WasSkipped { get; init; }

    /// <summary>The address that answered; null: none did.</summary>
    public IPAddress? Server { get; init; }

    /// <summary>The answer over the other address family, which may still be under way; null: there is none. Throws only for the token.</summary>
    public Task<AnnounceAnswer>? Other { get; init; }

    /// <summary>The same, with messages that hold nothing of the tracker's address: it may have a passkey in it.</summary>
    public AnnounceAnswer WithoutSecrets(Uri tracker)
    {
        return Trouble is null && Warning is null
            ? this
            : this with
            {
                Trouble = Trouble is null ? null : TrackerMessages.WithoutSecrets(Trouble, tracker),
                Warning = Warning is null ? null : TrackerMessages.WithoutSecrets(Warning, tracker),
            };
    }

    /// <summary>No answer came.</summary>
    public static AnnounceAnswer Silence(string trouble)
    {
        return new AnnounceAnswer { Trouble = trouble, Unreachable = true };
    }

    /// <summary>It could not be reached.</summary>
    public static AnnounceAnswer For(SocketError error)
    {
        var isOurs = OutgoingSockets.IsOurNetwork(error);
        return new AnnounceAnswer
        {
            Trouble = TrackerMessages.For(error),
            Unreachable = !isOurs,
            IsOurNetwork = isOurs,
        };
    }

    /// <summary>An answer came, but with nothing of use.</summary>
    public static AnnounceAnswer Failure(string trouble, TimeSpan? retryIn = null)
    {
        return new AnnounceAnswer { Trouble = trouble, RetryIn = retryIn };
    }

    /// <summary>Not asked: others just got no answer.</summary>
    public static AnnounceAnswer Skipped(TimeSpan left)
    {
        return new AnnounceAnswer
        {
            Trouble = "does not answer",
            RetryIn = left,
            WasSkipped = true,
        };
    }
}
