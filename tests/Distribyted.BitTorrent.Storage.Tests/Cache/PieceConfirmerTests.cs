using Distribyted.BitTorrent.Storage.Cache;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.BitTorrent.Storage.Tests.Cache;

/// <summary>Pieces of the last run are hashed before their first use.</summary>
[TestFixture, CancelAfter(60_000)]
internal sealed class PieceConfirmerTests : StorageFixture
{
    [TestCase(false, ExpectedResult = 1UL)]
    [TestCase(true, ExpectedResult = 0UL)]
    public async Task<ulong> A_right_hash_confirms_a_piece_unless_all_were_doubted_since_it_was_begun(
        bool isDoubted,
        CancellationToken cancellationToken
    )
    {
        var content = new TestContent(256.KiB(), 256.KiB());
        using var slabs = new SlabStore(Folder, 256.KiB());
        var padlock = new Lock();
        var index = new CacheIndex(new DiskBudget(1L << 40, static () => (0, 0)), 256.KiB(), 100);
        var torrent = index.GetOrAdd(content.Info.InfoHash);
        torrent.Layout = new GroupLayout(content.Layout, 256.KiB());
        var group = index.TryCreate(torrent, 0, 1, SpaceNeed.Urgent, static _ => { })!;
        slabs.Write(group.Slots[0], 0, content.Piece(0));
        index.SetStored(group, 1, 256.KiB());
        var events = new PieceEventQueue(NullLogger.Instance);
        var space = new SpaceWaiters(padlock, index, events, TimeProvider.System);
        var confirmer = new PieceConfirmer(
            padlock,
            index,
            groups: null!, // for damaged pieces only
            new GroupPins(padlock, index, space),
            new GroupFiles(slabs),
            space,
            NullLogger.Instance
        );

        Task check;
        lock (padlock)
        {
            check = confirmer.CheckAsync(new TorrentView(padlock, torrent, content.Info, new RecordedEvents()), group, 0);
            if (isDoubted)
            {
                index.DoubtAll(); // the check needs the lock to end
            }
        }

        await check.WaitAsync(cancellationToken);

        return group.Confirmed;
    }
}
