using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Swarms;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>What others get of us.</summary>
internal sealed class UploadTests
{
    private static readonly LabContent Film = LabContent.File("film.mkv", 12_345_678);

    [Test, CancelAfter(60_000)]
    public async Task What_we_hold_is_given_to_others(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        var torrent = await bed.AddSeededAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
        await using var other = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken, o => o.Swarm.DisablePex = true);
        var copy = await other.AddFromAsync(bed, cancellationToken);
        await other.ReadAndCompareAsync(copy, 0, (int)Film.Length, cancellationToken);

        Assert.That(torrent.GetStatistics().Uploaded, Is.GreaterThanOrEqualTo(Film.Length));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_leecher_without_the_fast_extension_gets_an_answer_when_a_piece_is_gone(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(
            Film,
            256 * 1024,
            cancellationToken,
            o => o.Swarm.Seed = true,
            time: new FastClock(5)
        );
        var torrent = await bed.AddSeededAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, 1000, cancellationToken);
        await bed.WaitForAsync(() => torrent.GetPieceRuns()[0].Status == PieceStatus.Complete, cancellationToken);
        using var leecher = await RawPeer.DialAsync(bed.Session.ListenPort, bed.Info.InfoHash, cancellationToken, isFast: false);
        await leecher.SayAsync(static b => PeerMessageWriter.WriteInterested(b), cancellationToken);
        await leecher.HearAsync(PeerMessageKind.Unchoke, cancellationToken);

        await leecher.SayAsync(b => PeerMessageWriter.WriteRequest(b, bed.Info.Layout.PieceCount - 1, 0, 1000), cancellationToken);
        await leecher.HearAsync(PeerMessageKind.Choke, cancellationToken);
        await leecher.HearAsync(PeerMessageKind.Unchoke, cancellationToken);

        await leecher.SayAsync(b => PeerMessageWriter.WriteRequest(b, 0, 0, 1000), cancellationToken);
        await leecher.HearAsync(PeerMessageKind.Piece, cancellationToken);
    }
}
