using CsCheck;

namespace Distribyted.BitTorrent.Scheduling.Tests;

internal sealed class PieceStateTests
{
    [Test]
    public void It_knows_what_is_here_what_is_asked_and_what_is_missing()
    {
        Gen.Select(Gen.Int[1, 150], Gen.Select(Gen.Int[0, 2], Gen.Int[0, 149], Gen.Int[0, 99]).Array[0, 200])
            .Sample(
                (blocks, steps) =>
                {
                    var piece = new PieceState(150);
                    piece.Open(3, blocks);
                    var owners = Enumerable.Range(0, blocks).Select(_ => new List<int>()).ToArray();
                    var filled = new HashSet<int>();
                    foreach (var (kind, at, peer) in steps)
                    {
                        Step(piece, owners, filled, kind, at % blocks, peer);
                    }

                    var missing = Enumerable.Range(0, blocks).Where(block => owners[block].Count == 0 && !filled.Contains(block)).ToList();
                    return piece.Filled == filled.Count
                        && piece.Busy == blocks - missing.Count
                        && piece.IsAsked == piece.Busy > filled.Count
                        && Enumerable.Range(0, blocks).All(block => Agrees(piece, owners[block], filled, missing, block));
                },
                threads: 1
            );
    }

    [Test]
    public void Those_who_sent_blocks_are_known_even_after_it_begins_again_and_forgotten_with_their_index()
    {
        var piece = new PieceState(4);
        piece.Open(0, 4);
        piece.Fill(0, 3);
        piece.Fill(1, 3);
        piece.Fill(2, 200);

        piece.Reset();
        Assert.That((piece.Filled, piece.Busy, piece.Contributors), Is.EqualTo((0, 0, 2)));
        Assert.That(
            (piece.HasContributed(3), piece.HasContributed(200), piece.HasContributed(4), piece.HasContributed(5000)),
            Is.EqualTo((true, true, false, false))
        );
        piece.RemoveContributor(3);
        piece.RemoveContributor(5000);
        Assert.That((piece.HasContributed(3), piece.Contributors), Is.EqualTo((false, 1)));
        piece.Open(1, 2);
        Assert.That((piece.Contributors, piece.Blocks, piece.Piece), Is.EqualTo((0, 2, 1)));
    }

    // 64 blocks and 64 peers are a word of bits.
    [Test]
    public void Nothing_is_missing_and_no_other_peer_has_contributed_at_the_end_of_a_word()
    {
        var piece = new PieceState(64);
        piece.Open(0, 64);
        Enumerable.Range(0, 64).ToList().ForEach(block => piece.Fill(block, 63));

        Assert.That((piece.NextMissing(0), piece.NextMissing(63)), Is.EqualTo((64, 64)));
        Assert.That((piece.HasContributed(63), piece.HasContributed(64)), Is.EqualTo((true, false)));
        piece.RemoveContributor(64);
        Assert.That(piece.Contributors, Is.EqualTo(1));
        piece.Reset();
        Assert.That((piece.IsFilled(0), piece.NextMissing(0)), Is.EqualTo((false, 0)));
    }

    [Test]
    public void A_block_that_is_still_asked_of_the_first_peer_is_not_missing_when_another_owner_leaves()
    {
        var piece = new PieceState(4);
        piece.Open(0, 4);
        piece.AddOwner(2, 5);
        piece.AddOwner(2, 0);

        piece.RemoveOwner(2, 5);
        Assert.That((piece.IsBusy(2), piece.Busy, piece.OwnersOf(2)[0]), Is.EqualTo((true, 1, (short)0)));
        piece.RemoveOwner(2, 0);
        Assert.That((piece.IsBusy(2), piece.Busy), Is.EqualTo((false, 0)));
    }

    [Test]
    public void A_piece_that_is_opened_again_has_nothing_of_the_one_before()
    {
        var piece = new PieceState(4);
        piece.Open(0, 4);
        piece.AddOwner(1, 5);
        piece.Frontier = 2;
        piece.Deadline = 1;
        piece.OrphanSince = 1;
        piece.OnlyFrom = 1;
        piece.Suspect = true;

        piece.Open(1, 4);

        Assert.That((piece.Frontier, piece.Deadline, piece.OrphanSince, piece.OnlyFrom), Is.EqualTo((0, long.MaxValue, -1L, -1)));
        Assert.That((piece.Suspect, piece.IsAsked, piece.IsBusy(1), piece.OwnersOf(1)[0]), Is.EqualTo((false, false, false, (short)-1)));
    }

    private static void Step(PieceState piece, List<int>[] owners, HashSet<int> filled, int kind, int block, int peer)
    {
        if (kind == 0 && owners[block].Count < PieceState.MaxOwners && !owners[block].Contains(peer))
        {
            piece.AddOwner(block, peer);
            owners[block].Add(peer);
        }
        else if (kind == 1)
        {
            peer = owners[block].Count > 0 && peer % 2 == 0 ? owners[block][peer % owners[block].Count] : peer;
            piece.RemoveOwner(block, peer);
            owners[block].Remove(peer);
        }
        else if (kind == 2 && filled.Add(block))
        {
            piece.Fill(block, peer);
        }
    }

    private static bool Agrees(PieceState piece, List<int> owners, HashSet<int> filled, List<int> missing, int block)
    {
        var known = piece.OwnersOf(block).ToArray().TakeWhile(owner => owner >= 0).Select(owner => (int)owner);
        return piece.IsFilled(block) == filled.Contains(block)
            && piece.IsBusy(block) == !missing.Contains(block)
            && piece.NextMissing(block) == missing.Find(other => other >= block, piece.Blocks)
            && known.SequenceEqual(owners);
    }
}

file static class Search
{
    public static int Find(this List<int> list, Func<int, bool> which, int none)
    {
        foreach (var item in list)
        {
            if (which(item))
            {
                return item;
            }
        }

        return none;
    }
}
