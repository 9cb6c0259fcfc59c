using CsCheck;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Scheduling.Tests;

internal sealed class PieceStatesTests
{
    [Test]
    public void It_is_a_table_of_pieces()
    {
        Gen.Int[0, 9]
            .Array[0, 60]
            .Sample(
                steps =>
                {
                    var pieces = new PieceStates(new PieceLayout(10 * 65536, 65536));
                    var model = new Dictionary<int, long>();
                    foreach (var piece in steps)
                    {
                        if (model.Remove(piece))
                        {
                            pieces.TryGet(piece, out var open);
                            open!.AddOwner(1, 7); // must not show in the piece that gets the object next
                            pieces.Remove(open);
                        }
                        else
                        {
                            model[piece] = piece * 100;
                            pieces.Add(piece, piece * 100);
                        }
                    }

                    var all = pieces.All.ToArray();
                    return all.Select(piece => (piece.Piece, piece.Deadline))
                            .Order()
                            .SequenceEqual(model.Select(pair => (pair.Key, pair.Value)).Order())
                        && all.Select((piece, i) => piece.Index == i && piece.Busy == 0).All(right => right)
                        && Enumerable
                            .Range(0, 10)
                            .All(piece =>
                                pieces.TryGet(piece, out var open) == model.ContainsKey(piece) && (open is null || open.Piece == piece)
                            );
                },
                threads: 1
            );
    }

    [Test]
    public void The_last_piece_has_as_many_blocks_as_are_left()
    {
        var parts = new SchedulerParts();

        Assert.That((parts.Open(8).Blocks, parts.Open(9).Blocks), Is.EqualTo((4, 1)));
    }
}
