using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Scheduling;
using Distribyted.BitTorrent.Scheduling.Tracing;
using Distribyted.BitTorrent.Storage.Pieces;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>What a swarm has as soon as the metadata is known.</summary>
/// <param name="Info">The metadata.</param>
/// <param name="Pieces">Where pieces are kept.</param>
/// <param name="Scheduler">What is asked of whom. Guarded by the swarm's lock.</param>
internal sealed record SwarmContent(TorrentInfo Info, ITorrentPieces Pieces, PieceScheduler Scheduler)
{
    public PieceLayout Layout => Info.Layout;

    /// <summary>Whether all pieces are stored.</summary>
    public bool IsWhole => Pieces.StoredCount == Layout.PieceCount;

    /// <summary>Bytes of pieces that are not stored.</summary>
    public long MissingBytes
    {
        get
        {
            var last = Layout.PieceCount - 1;
            var left = (long)(Layout.PieceCount - Pieces.StoredCount) * Layout.PieceLength;
            var isShorter = Pieces.IsStored(last) ? 0 : Layout.PieceLength - Layout.LengthOf(last);
            return Math.Max(0, left - isShorter);
        }
    }

    /// <summary>The content of a torrent, with a scheduler that knows the pieces which are here.</summary>
    public static SwarmContent Of(TorrentInfo info, ITorrentPieces pieces, SchedulerLimits limits, ScheduleTrace? trace = null)
    {
        var scheduler = new PieceScheduler(info.Layout, limits, trace);
        var bitfield = new byte[(info.Layout.PieceCount + 7) / 8];
        pieces.CopyStored(bitfield);
        scheduler.SetAvailable(bitfield);
        for (var piece = 0; piece < info.Layout.PieceCount; piece++)
        {
            if (pieces.Has(piece))
            {
                scheduler.PieceAvailable(piece); // in memory only: what a full disk did not take
            }
        }

        return new SwarmContent(info, pieces, scheduler);
    }

    /// <summary>Whether these bytes are exactly one block.</summary>
    public bool IsBlock(int piece, int offset, int length)
    {
        return offset % PieceLayout.BlockLength == 0
            && Layout.Contains(piece, offset, length)
            && length == Layout.BlockLengthOf(piece, offset / PieceLayout.BlockLength);
    }

    /// <summary>Pieces of a reader's window from its position on, both ends included; at least one.</summary>
    public (int First, int Last) PiecesOf(ReaderState window)
    {
        var end = Math.Min(Math.Max(window.WindowEnd, window.Position + 1), Layout.TotalLength);
        return (Layout.PieceAt(Math.Min(window.Position, Layout.TotalLength - 1)), Layout.PieceAt(end - 1));
    }

    /// <summary>Reads a block that a peer asked for; false: it is not here any more. Needs no lock.</summary>
    public async ValueTask<bool> ReadBlockAsync(UploadRequest request, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var done = 0;
        while (done < request.Length)
        {
            var count = await Pieces.ReadAsync(request.Piece, request.Offset + done, destination[done..], cancellationToken);
            if (count == 0)
            {
                return false;
            }

            done += count;
        }

        return true;
    }
}
