using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>Ignores clients that ask more than 10 questions in 10 s, for 5 minutes; of nodes whose address is proved it takes 50, as libtorrent's
/// <c>dos_blocker</c>: in a small network everybody asks everybody. It also knows how many bytes a client may be sent whose address is not proved. It remembers a
/// fixed number of clients. Not safe for use by many threads.</summary>
internal sealed class QueryLimiter
{
    /// <summary>Questions in <see cref="Window"/>.</summary>
    public const int MaxQueries = 10;

    /// <summary>The same of a node whose address is proved.</summary>
    public const int MaxProvedQueries = 50;

    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan BlockedFor = TimeSpan.FromMinutes(5);

    private const int Slots = 4096;
    private const int MaxCredit = 1000;

    private readonly Slot[] _slots = new Slot[Slots];
    private readonly ulong _seed = (ulong)Random.Shared.NextInt64() | 1;

    /// <summary>Whether a client is ignored at the moment.</summary>
    public bool IsBlocked(PeerEndPoint asker, TimeSpan now)
    {
        var key = PeerClient.KeyOf(asker);
        ref var slot = ref SlotOf(key);
        return slot.Key == key && now < slot.BlockedUntil;
    }

    /// <summary>Counts a question and its bytes.</summary>
    /// <returns>Whether it may be answered.</returns>
    public bool TryPass(PeerEndPoint asker, int length, bool isProved, TimeSpan now)
    {
        var key = PeerClient.KeyOf(asker);
        ref var slot = ref SlotOf(key);
        if (slot.Key != key || (now >= slot.BlockedUntil && now - slot.Since >= Window))
        {
            slot = new Slot
            {
                Key = key,
                Since = now,
                Credit = slot.Key == key ? slot.Credit : 0,
                Questions = slot.Key == key ? slot.Questions : 0,
            };
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

        slot.Questions++;
        slot.Credit = Math.Min(MaxCredit, slot.Credit + (length * 12 / 10));
        return true;
    }

    /// <summary>Whether the question of a client that has passed was not its first.</summary>
    public bool HasAskedBefore(PeerEndPoint asker)
    {
        var key = PeerClient.KeyOf(asker);
        ref var slot = ref SlotOf(key);
        return slot.Key == key && slot.Questions > 1;
    }

    /// <summary>Bytes that may be sent to a client of which it is not known whether it is where it says: 1.2 times what came from there, without what was sent. What
    /// was forged is then no weapon against who has the address.</summary>
    public int CreditOf(PeerEndPoint asker)
    {
        var key = PeerClient.KeyOf(asker);
        ref var slot = ref SlotOf(key);
        return slot.Key == key ? slot.Credit : 0;
    }

    /// <summary>Something is sent to a client whose question has passed.</summary>
    public void Spend(PeerEndPoint asker, int bytes)
    {
        SlotOf(PeerClient.KeyOf(asker)).Credit -= bytes;
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
        public int Credit;
        public int Questions;
    }
}
