namespace Distribyted.BitTorrent.Scheduling.Tests;

internal sealed class CommandBufferTests
{
    private static readonly PeerSlot Peer = new(1, 1);

    private static readonly TestCaseData[] Pairs =
    [
        new TestCaseData(Of(CommandKind.Request, 3), Of(CommandKind.Request, 4), 1).SetArgDisplayNames("the next block lengthens"),
        new TestCaseData(Of(CommandKind.Cancel, 3), Of(CommandKind.Cancel, 4), 1).SetArgDisplayNames("a cancel too"),
        new TestCaseData(Of(CommandKind.Request, 3), Of(CommandKind.Cancel, 4), 2).SetArgDisplayNames("another kind"),
        new TestCaseData(Of(CommandKind.Request, 3), Of(CommandKind.Request, 5), 2).SetArgDisplayNames("a gap"),
        new TestCaseData(Of(CommandKind.Request, 3), Of(CommandKind.Request, 3), 2).SetArgDisplayNames("the same block"),
        new TestCaseData(Of(CommandKind.Request, 4), Of(CommandKind.Request, 3), 2).SetArgDisplayNames("the block before"),
        new TestCaseData(Of(CommandKind.Request, 3), Of(CommandKind.Request, 4) with { Piece = 8 }, 2).SetArgDisplayNames("another piece"),
        new TestCaseData(Of(CommandKind.Request, 3), Of(CommandKind.Request, 4) with { Peer = new(2, 1) }, 2).SetArgDisplayNames(
            "another peer"
        ),
        new TestCaseData(
            new Command(CommandKind.ClosePiece, default, 7, 0, 0),
            new Command(CommandKind.ClosePiece, default, 7, 0, 0),
            2
        ).SetArgDisplayNames("no blocks at all"),
    ];

    [TestCaseSource(nameof(Pairs))]
    public void Blocks_in_a_row_of_one_peer_are_one_command(Command first, Command second, int expected)
    {
        var buffer = new CommandBuffer();

        buffer.Add(first);
        buffer.Add(second);

        Assert.That(buffer.Count, Is.EqualTo(expected));
        Assert.That(buffer.Span.ToArray().Sum(command => command.Count), Is.EqualTo(first.Count + second.Count));
        Assert.That(buffer[0].First, Is.EqualTo(first.First));
    }

    [Test]
    public void It_keeps_the_order_of_any_number_and_is_empty_when_cleared()
    {
        var buffer = new CommandBuffer();
        for (var i = 0; i < 1000; i++)
        {
            buffer.Add(new Command(CommandKind.ClosePiece, default, i, 0, 0));
        }

        Assert.That(buffer.Span.ToArray().Select(command => command.Piece), Is.EqualTo(Enumerable.Range(0, 1000)));
        buffer.Clear();
        Assert.That((buffer.Count, buffer.Span.Length), Is.EqualTo((0, 0)));
    }

    private static Command Of(CommandKind kind, int block)
    {
        return new Command(kind, Peer, 7, (ushort)block, 1);
    }
}
