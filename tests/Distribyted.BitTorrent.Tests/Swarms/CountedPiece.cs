using Distribyted.BitTorrent.Storage.Pieces;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>A piece that counts its blocks, which come in order, and keeps none of them.</summary>
internal sealed class CountedPiece(int piece, int blocks) : OpenPiece
{
    private int _filled;

    public override int Piece => piece;

    public override int HashedBlocks => _filled;

    public override IReadOnlyList<long> Sources => [];

    public override IReadOnlyList<long> Liars => [];

    public override PieceProgress Fill(int block, ReadOnlySpan<byte> data, long source)
    {
        return ++_filled == blocks ? PieceProgress.Verified : PieceProgress.Filling;
    }

    public override void Discard() { }
}
