namespace Distribyted.BitTorrent.Scheduling.Tests;

internal sealed class AssignmentRunTests : IPieceAdmission
{
    private readonly List<(int Piece, bool Urgent)> _asked = [];
    private bool _admits = true;

    public bool TryOpen(int piece, bool urgent)
    {
        _asked.Add((piece, urgent));
        return _admits;
    }

    [TestCase(100, 50, 100, true, ExpectedResult = true)]
    [TestCase(100, 50, 101, true, ExpectedResult = false)]
    [TestCase(100, 50, 50, false, ExpectedResult = true)]
    [TestCase(100, 50, 51, false, ExpectedResult = false)]
    public bool A_block_is_allowed_up_to_the_grant_for_its_kind(long urgentBytes, long aheadBytes, int bytes, bool urgent)
    {
        return Run(urgentBytes, aheadBytes).Allows(bytes, urgent);
    }

    [TestCase(true, 60, 10)]
    [TestCase(false, 100, 10)]
    public void An_urgent_block_is_taken_off_both_numbers_and_one_ahead_off_the_second(bool urgent, int urgentLeft, int aheadLeft)
    {
        var run = Run(100, 50);

        run.Spend(40, urgent);

        Assert.That((run.Allows(urgentLeft, true), run.Allows(urgentLeft + 1, true)), Is.EqualTo((true, false)));
        Assert.That((run.Allows(aheadLeft, false), run.Allows(aheadLeft + 1, false)), Is.EqualTo((true, false)));
    }

    [Test]
    public void Nothing_is_read_ahead_when_its_grant_is_spent()
    {
        var run = Run(1000, 50);
        Assert.That(run.IsAheadSpent, Is.False);
        run.Spend(49, false);
        Assert.That(run.IsAheadSpent, Is.False);
        run.Spend(1, true);
        Assert.That(run.IsAheadSpent);
    }

    [Test]
    public void What_is_unlimited_stays_so()
    {
        var run = new AssignmentRun(Grant.Unlimited, this, new CommandBuffer(), 5);
        run.Spend(int.MaxValue, true);
        run.Spend(int.MaxValue, false);

        Assert.That((run.Allows(int.MaxValue, true), run.Allows(int.MaxValue, false), run.IsAheadSpent), Is.EqualTo((true, true, false)));
    }

    [Test]
    public void After_a_refusal_no_piece_is_asked_for_again()
    {
        var run = Run(100, 100);
        Assert.That((run.TryOpen(1, true), run.IsRefused), Is.EqualTo((true, false)));
        _admits = false;
        Assert.That((run.TryOpen(2, false), run.IsRefused), Is.EqualTo((false, true)));
        _admits = true;
        Assert.That((run.TryOpen(3, true), run.IsRefused), Is.EqualTo((false, true)));
        Assert.That(_asked, Is.EqualTo(new[] { (1, true), (2, false) }));
    }

    private AssignmentRun Run(long urgentBytes, long aheadBytes)
    {
        _asked.Clear();
        _admits = true;
        return new AssignmentRun(new Grant(urgentBytes, aheadBytes), this, new CommandBuffer(), 5);
    }
}
