using System.Security.Cryptography;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>The questions that are under way, and how long answers take. Transaction ids cannot be guessed. Not safe for use by many threads.</summary>
internal sealed class PendingQueries
{
    /// <summary>After this a question counts as not answered.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan FirstLateAfter = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MinLateAfter = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxLateAfter = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<uint, PendingQuery> _queries = [];
    private TimeSpan? _roundTrip; // smoothed as in RFC 6298

    public int Count => _queries.Count;

    /// <summary>After this an answer is late, and another node is asked meanwhile: twice the usual round trip, 100 to 500 ms.</summary>
    public TimeSpan LateAfter =>
        _roundTrip is not { } roundTrip ? FirstLateAfter
        : roundTrip * 2 < MinLateAfter ? MinLateAfter
        : roundTrip * 2 > MaxLateAfter ? MaxLateAfter
        : roundTrip * 2;

    /// <summary>Adds a question and says what its answer will repeat.</summary>
    public uint Add(PendingQuery query)
    {
        Span<byte> random = stackalloc byte[4];
        uint transaction;
        do
        {
            RandomNumberGenerator.Fill(random);
            transaction = BitConverter.ToUInt32(random);
        } while (!_queries.TryAdd(transaction, query));

        return transaction;
    }

    /// <summary>The question of a transaction; null: it was answered, or its time is over.</summary>
    public PendingQuery? Find(uint transaction)
    {
        return _queries.GetValueOrDefault(transaction);
    }

    /// <summary>Takes the question that an answer from this end point belongs to; null: none was asked there.</summary>
    public PendingQuery? TakeAnswered(uint transaction, PeerEndPoint from, TimeSpan now)
    {
        if (Find(transaction) is not { } query || query.To != from)
        {
            return null;
        }

        _queries.Remove(transaction);
        var sample = now - query.SentAt;
        _roundTrip = _roundTrip is { } known ? (known * 0.875) + (sample * 0.125) : sample;
        return query;
    }

    /// <summary>Takes a question that was not answered in time; null: it was.</summary>
    public PendingQuery? TakeTimedOut(uint transaction)
    {
        return _queries.Remove(transaction, out var query) ? query : null;
    }
}
