using Distribyted.BitTorrent.Storage.Cache;

namespace Distribyted.BitTorrent.Storage.Tests.Cache;

internal sealed class SpaceQueueTests
{
    private const string A = "a";
    private const string B = "b";

    private SpaceQueue _queue = null!;

    [SetUp]
    public void Empty()
    {
        _queue = new SpaceQueue();
    }

    [Test]
    public void Without_waiters_no_torrent_yields()
    {
        Assert.That(_queue.MustYield(A, urgent: true, 0), Is.False);
        Assert.That(_queue.MustYield(A, urgent: false, 0), Is.False);
        Assert.That(_queue.EndTurn(1_000_000), Is.False);
    }

    [TestCase(B, true, 0, ExpectedResult = false)] // not long enough
    [TestCase(B, true, SpaceQueue.Patience - 1, ExpectedResult = false)]
    [TestCase(B, true, SpaceQueue.Patience, ExpectedResult = true)]
    [TestCase(A, true, SpaceQueue.Patience, ExpectedResult = false)] // its own turn
    [TestCase(A, false, 0, ExpectedResult = true)] // read-ahead yields at once
    [TestCase(B, false, 0, ExpectedResult = true)]
    public bool Others_yield_to_who_has_waited(string who, bool urgent, long now)
    {
        _queue.Wait(A, 0);

        return _queue.MustYield(string.Intern(who), urgent, now);
    }

    [Test]
    public void Who_waits_longest_is_first_and_the_next_follows()
    {
        _queue.Wait(A, 0);
        _queue.Wait(B, 10);
        _queue.Wait(A, 20); // no second claim
        Assert.That(_queue.IsOverdue(A, SpaceQueue.Patience), Is.True);
        Assert.That(_queue.IsOverdue(B, SpaceQueue.Patience + 10), Is.False);

        Assert.That(_queue.Remove(A, 2_000), Is.True);

        Assert.That(_queue.IsOverdue(B, 2_000), Is.True);
        Assert.That(_queue.MustYield(A, urgent: true, 2_000), Is.True);
        Assert.That(_queue.Remove(B, 2_000), Is.True);
        Assert.That(_queue.IsEmpty, Is.True);
    }

    [Test]
    public void A_claim_that_is_not_served_holds_the_others_up_only_so_long()
    {
        _queue.Wait(A, 0);
        _queue.Wait(B, 10);
        Assert.That(_queue.EndTurn(SpaceQueue.Patience + SpaceQueue.Turn - 1), Is.False);

        Assert.That(_queue.EndTurn(SpaceQueue.Patience + SpaceQueue.Turn), Is.True);

        Assert.That(_queue.IsOverdue(B, SpaceQueue.Patience + SpaceQueue.Turn), Is.True);
        Assert.That(_queue.EndTurn(SpaceQueue.Patience + SpaceQueue.Turn + 1), Is.False, "the next turn has just begun");
    }

    [Test]
    public void A_claim_that_was_not_served_pauses_and_may_then_be_made_again()
    {
        const long ended = SpaceQueue.Patience + SpaceQueue.Turn;
        _queue.Wait(A, 0);
        _queue.EndTurn(ended);

        _queue.Wait(A, ended + SpaceQueue.Pause - 1);
        Assert.That(_queue.IsEmpty, Is.True);

        _queue.Wait(A, ended + SpaceQueue.Pause);
        Assert.That(_queue.IsEmpty, Is.False);
    }
}
