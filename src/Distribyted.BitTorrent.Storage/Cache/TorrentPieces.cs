using Distribyted.BitTorrent.Storage.Pieces;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>One open torrent of the piece cache, as its owner sees it: each call goes to the part of the cache that does it.</summary>
internal sealed class TorrentPieces(PieceCache cache, TorrentView view) : ITorrentPieces
{
    public int StoredCount => view.StoredCount;

    public bool Has(int piece)
    {
        return view.Has(piece);
    }

    public bool IsStored(int piece)
    {
        return view.IsStored(piece);
    }

    public void CopyStored(Span<byte> bitfield)
    {
        view.CopyStored(bitfield);
    }

    public PieceOpening TryOpen(int piece, bool urgent)
    {
        return cache.Opener.TryOpen(view, piece, urgent);
    }

    public ValueTask<int> ReadAsync(int piece, int offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        return view.Has(piece) ? cache.Reader.ReadAsync(view, piece, offset, destination, cancellationToken) : new ValueTask<int>(0);
    }

    public void Doubt()
    {
        cache.Confirmer.Doubt(view);
    }

    public PinnedBytes PinBytes(int piece, int offset, int most)
    {
        return view.Has(piece) ? cache.Pins.PinBytes(view, piece, offset, most) : default;
    }

    public void Touch(int piece)
    {
        cache.Interest.Touch(view, piece);
    }

    public void SetWindow(long reader, int first, int last, int position = -1)
    {
        cache.Interest.SetWindow(view, reader, first, last, position);
    }

    public void ClearWindow(long reader)
    {
        cache.Interest.ClearWindow(view, reader);
    }

    public void Pin(int piece)
    {
        cache.Interest.Pin(view, piece);
    }

    public void Unpin(int piece)
    {
        cache.Interest.Unpin(view, piece);
    }

    public void Dispose()
    {
        if (view.TryClose())
        {
            cache.Detach(view);
        }
    }
}
