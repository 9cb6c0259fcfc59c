using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Scheduling;

/// <summary>The pieces that a reader needs now or within two seconds, the earliest first.</summary>
internal sealed class UrgentPieces(PieceLayout layout, PeerStates peers, PieceStates pieces, Demand demand)
{
    /// <summary>Microseconds after which deadlines and late blocks are looked at again while a read waits.</summary>
    public const long Tick = 20_000;

    private const long UrgentWithin = 2_000_000;
    private const long UrgentBytes = 1 << 20; // of a reader whose speed is unknown, or faster than the swarm
    private const long SlowestReader = 256 * 1024; // bytes/s
    private const long UnknownReader = 4 << 20; // bytes/s
    private const long CopierPatience = 500_000; // a reader that takes whatever comes waits this long before a player has to

    private (long Deadline, int Piece)[] _items = new (long, int)[16];
    private int _count;
    private long _orderedAt;

    /// <summary>As of the last <see cref="Order"/>; some may be here since.</summary>
    public ReadOnlySpan<(long Deadline, int Piece)> Items => _items.AsSpan(0, _count);

    /// <summary>Whether the order is older than the demand, or than a tick.</summary>
    public bool IsOutdated(long now)
    {
        return demand.OrderChanged || now - _orderedAt >= Tick;
    }

    /// <summary>Finds them, and sets the deadlines of the open ones.</summary>
    public void Order(long now)
    {
        demand.OrderChanged = false;
        _orderedAt = now;
        foreach (var (_, piece) in Items)
        {
            if (pieces.TryGet(piece, out var open))
            {
                open.Deadline = long.MaxValue;
            }
        }

        _count = 0;
        var supply = peers.Supply();
        foreach (var reader in demand.Readers)
        {
            Add(reader, supply, now);
        }

        _items
            .AsSpan(0, _count)
            .Sort(static (a, b) => a.Deadline != b.Deadline ? a.Deadline.CompareTo(b.Deadline) : a.Piece.CompareTo(b.Piece));
        for (var i = _count - 1; i >= 0; i--) // from the end: of two readers the earlier need counts
        {
            if (pieces.TryGet(_items[i].Piece, out var open))
            {
                open.Deadline = _items[i].Deadline;
            }
        }
    }

    /// <summary>Whether a block of one of them is asked, so that it may become late.</summary>
    public bool IsAnyAsked()
    {
        foreach (var (_, piece) in Items)
        {
            if (pieces.TryGet(piece, out var open) && open.IsAsked)
            {
                return true;
            }
        }

        return false;
    }

    private void Add(ReaderDemand reader, double supply, long now)
    {
        reader.UrgentEnd = reader.First;
        if (reader.End == reader.First || reader.LingersUntil >= 0)
        {
            return;
        }

        var state = reader.State;
        var copies = state.Rate > supply;
        var rate = state.Rate == 0 ? UnknownReader : Math.Max(SlowestReader, state.Rate);
        var ahead = state.Rate == 0 || copies ? UrgentBytes : Math.Max(1, rate * UrgentWithin / 1_000_000);
        reader.UrgentEnd = Math.Min(reader.End, layout.PieceAt(Math.Min(layout.TotalLength, state.Position + ahead) - 1) + 1);
        var start = state.BlockedSince >= 0 ? state.BlockedSince : now;
        start += copies ? CopierPatience : 0;
        for (var piece = reader.First; piece < reader.UrgentEnd; piece++)
        {
            if (!demand.Available.Has(piece))
            {
                var distance = Math.Max(0, layout.StartOf(piece) - state.Position);
                Add((start + (long)(distance * 1e6 / rate), piece));
            }
        }
    }

    private void Add((long Deadline, int Piece) item)
    {
        if (_count == _items.Length)
        {
            Array.Resize(ref _items, _count * 2);
        }

        _items[_count++] = item;
    }
}
