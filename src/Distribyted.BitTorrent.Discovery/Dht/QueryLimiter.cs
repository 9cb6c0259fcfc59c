using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>Ignores clients that ask more than 10 questions in 10 s, for 5 minutes; of nodes whose address is proved it takes 50, as libtorrent's
/// <c>dos_blocker</c>: in a small network everybody asks everybody. It remembers a fixed number of clients. Not safe for use by many threads.</summary>
internal sealed class QueryLimiter
{
    /// <summary>Questions in <see cref="Window"/>.</summary>
    public const int MaxQueries = 10;

    /// <summary>The same of a node whose address is proved.</summary>
    public const int MaxProvedQueries = 50;

    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan BlockedFor = TimeSpan.FromMinutes(5);

    private const int Slots = 4096;

    private readonly Slot[] _slots = new Slot[Slots];
    private readonly ulong _seed = (ulong)Random.Shared.NextInt64() | 1;

    /// <summary>Whether a client is ignored at the moment.</summary>
    public bool IsBlocked(PeerEndPoint asker, TimeSpan now)
    {
        var key = PeerClient.KeyOf(asker);
        ref var slot = ref SlotOf(key);
        return slot.Key == key && now < slot.BlockedUntil;
    }

    /// <summary>Counts a question.</summary>
    /// <returns>Whether it may be answered.</returns>
    public bool TryPass(PeerEndPoint asker, bool isProved, TimeSpan now)
    {
        var key = PeerClient.KeyOf(asker);
        ref var slot = ref SlotOf(key);
        if (slot.Key != key || (now >= slot.BlockedUntil && now - slot.Since >= Window))
        {
            slot = new Slot { Key = key, Since = now };
        }

        if (now < slot.BlockedUntil)
        {
            return false;
        }

        if (++slot.Count > (isProved ? MaxProvedQueries : MaxQueries))
        {
            slot.BlockedUntil = now + BlockedFor;
            return false;
        }

        return true;
    }

    private ref Slot SlotOf(ulong key)
    {
        return ref _slots[(int)(unchecked(key * _seed * 0x9E3779B97F4A7C15UL) >> 52)];
    }

    private struct Slot
    {
        public ulong Key;
        public TimeSpan Since;
        public TimeSpan BlockedUntil;
        public int Count;
    }
}
