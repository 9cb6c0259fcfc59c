using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Scheduling;

/// <summary>The pieces that are being fetched.</summary>
internal sealed class PieceStates(PieceLayout layout)
{
    private readonly Dictionary<int, PieceState> _byPiece = [];
    private readonly List<PieceState> _all = [];
    private readonly Stack<PieceState> _spare = new();

    /// <summary>All of them, in no order that means anything. Valid until one is added or removed; who removes some goes from the end to the start.</summary>
    public ReadOnlySpan<PieceState> All => CollectionsMarshal.AsSpan(_all);

    public bool TryGet(int piece, [NotNullWhen(true)] out PieceState? state)
    {
        return _byPiece.TryGetValue(piece, out state);
    }

    /// <summary>Opens a piece that is not open: all its blocks are missing.</summary>
    public PieceState Add(int piece, long deadline)
    {
        if (!_spare.TryPop(out var state))
        {
            state = new PieceState(layout.BlocksPerPiece);
        }

        state.Open(piece, layout.BlockCountOf(piece));
        state.Deadline = deadline;
        state.Index = _all.Count;
        _all.Add(state);
        _byPiece.Add(piece, state);
        return state;
    }

    /// <summary>Removes a piece; its object is reused.</summary>
    public void Remove(PieceState state)
    {
        _byPiece.Remove(state.Piece);
        _all[^1].Index = state.Index;
        _all[state.Index] = _all[^1];
        _all.RemoveAt(_all.Count - 1);
        _spare.Push(state);
    }
}
