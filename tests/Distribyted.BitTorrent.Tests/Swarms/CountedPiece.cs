using Distribyted.BitTorrent.Storage.Pieces;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>A piece that counts its blocks, which come in order, and keeps none of them.</summary>
/// <param name="piece">Its number.</param>
/// <param name="blocks">How many it has.</param>
/// <param name="end">What the last block leads to.</param>
internal sealed class CountedPiece(int piece, int blocks, PieceProgress end = PieceProgress.Verified) : OpenPiece
{
    private readonly HashSet<long> _sources = [];
    private int _filled;

    public override int Piece => piece;

    public override int HashedBlocks => _filled;

    public override IReadOnlyList<long> Sources => [.. _sources];

    public override IReadOnlyList<long> Liars => [];

    public bool IsDiscarded { get; private set; }

    public override PieceProgress Fill(int block, ReadOnlySpan<byte> data, long source)
    {
        _sources.Add(source);
        return ++_filled == blocks ? end : PieceProgress.Filling;
    }

    public override void Discard()
    {
        IsDiscarded = true;
    }
}
