using Distribyted.BitTorrent.Peers;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>What open readers wait for and why, for users. Called without the lock; safe for use by many threads.</summary>
internal sealed class ReaderReports(
    SwarmState state,
    PeerTable peers,
    ReaderTable readers,
    OpenPieces open,
    PeerCandidates candidates,
    SwarmShare share
)
{
    private const long RefusedLately = 5 * MonotonicClock.Second; // the scheduler asks for space again at least once a second while a reader waits

    /// <summary>Every open reader.</summary>
    /// <param name="sourceTrouble">Why no source names peers; null: one does, or it is not known.</param>
    /// <param name="isDiskFull">Whether the disk refuses bytes.</param>
    public IReadOnlyList<ReaderSnapshot> Get(string? sourceTrouble, bool isDiskFull)
    {
        using var section = state.Lock.Enter();
        var now = section.Now;
        return state.Content is { } content
            ? [.. readers.All.Select(reader => Snapshot(reader, content, sourceTrouble, isDiskFull, now))]
            : [];
    }

    private ReaderSnapshot Snapshot(ReaderDemand reader, SwarmContent content, string? sourceTrouble, bool isDiskFull, long now)
    {
        var position = reader.Window.Position;
        return new ReaderSnapshot(
            reader.Id.Value,
            reader.Client,
            reader.Start,
            reader.Length,
            Math.Clamp(position - reader.Start, 0, reader.Length),
            reader.Window.Rate,
            reader.Wanted.First,
            reader.Wanted.Last,
            reader.BlockedOn < 0 ? null : Wait(reader, content, sourceTrouble, isDiskFull, now)
        )
        {
            BytesAhead = BytesAhead(position, reader.Start + reader.Length, content),
        };
    }

    private ReaderWait Wait(ReaderDemand reader, SwarmContent content, string? sourceTrouble, bool isDiskFull, long now)
    {
        var piece = reader.BlockedOn;
        var waited = TimeSpan.FromMicroseconds(Math.Max(0, now - reader.Window.BlockedSince));
        var report = content.Scheduler.ReportOf(piece, now);
        List<WaitPeer> from = [];
        var (last, silent, rate) = (0L, 0, 0L);
        foreach (var asked in report?.From ?? [])
        {
            if (peers.At(asked.Peer) is { } peer)
            {
                from.Add(new WaitPeer(peer.Remote.ToString(), NameOf(peer), asked.Blocks, peer.Rates.Download, asked.IsStalled));
                last = Math.Max(last, asked.LastAt);
                silent += asked.IsStalled ? 1 : 0;
                rate += peer.Rates.Download;
            }
        }

        var limit = state.Services.Download;
        var withPiece = peers.All.FindAll(peer => peer.IsSeed || peer.Have?[piece] == true);
        var lacksMemory = false;
        var facts = new WaitFacts(piece)
        {
            Waited = waited,
            LacksSpace = report is null && open.WasRefused(piece, now - RefusedLately, out lacksMemory),
            LacksMemory = lacksMemory,
            IsDiskFull = isDiskFull,
            RateLimit = limit.BytesPerSecond,
            IsRateUsedUp = limit.IsLimited && limit.AvailableWith(0) == 0,
            BlocksInFlight = report?.InFlight ?? 0,
            AskedPeers = from.Count,
            SilentPeers = silent,
            AskedRate = rate,
            Peers = peers.Count,
            PeersWithPiece = withPiece.Count,
            UnchokedWithPiece = withPiece.Count(static peer => !peer.IsChoking),
            Dials = share.Dials,
            IsHeldBack = share.IsWaiting || !state.Services.Connections.HasPlaceFor(share),
            KnownPeers = candidates.Count,
            FailedPeers = candidates.Failed,
            SourceTrouble = sourceTrouble,
        };
        var cause = WaitCauses.Of(facts);
        var blocks = content.Layout.BlockCountOf(piece);
        var (here, inFlight) = (report?.Here ?? 0, report?.InFlight ?? 0);
        return new ReaderWait(
            piece,
            waited,
            blocks,
            here,
            inFlight,
            from,
            inFlight > 0 && here + inFlight == blocks ? TimeSpan.FromMicroseconds(Math.Max(0, last - now)) : null,
            cause,
            WaitCauses.Describe(cause, facts)
        );
    }

    private static string NameOf(Peer peer)
    {
        return peer.Extensions?.Client ?? peer.Id.ToString();
    }

    private static long BytesAhead(long position, long end, SwarmContent content)
    {
        var at = position;
        while (at < end && content.Pieces.Has(content.Layout.PieceAt(at)))
        {
            var piece = content.Layout.PieceAt(at);
            at = content.Layout.StartOf(piece) + content.Layout.LengthOf(piece);
        }

        return Math.Max(0, Math.Min(at, end) - position);
    }
}
