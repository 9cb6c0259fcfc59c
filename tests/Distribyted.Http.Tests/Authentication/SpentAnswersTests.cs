using Distribyted.Http.Authentication;

namespace Distribyted.Http.Tests.Authentication;

[TestFixture]
public sealed class SpentAnswersTests
{
    [Test]
    public void An_answer_is_good_once()
    {
        var spent = new SpentAnswers();

        Assert.That(spent.TrySpend(At(1), 7, At(0)));
        Assert.That(spent.TrySpend(At(1), 7, At(0)), Is.False);
        Assert.That(spent.TrySpend(At(1), 8, At(0)));
        Assert.That(spent.TrySpend(At(2), 7, At(0)), "another nonce");
    }

    [Test]
    public void Answers_to_old_nonces_are_forgotten_and_stay_refused()
    {
        var spent = new SpentAnswers();
        spent.TrySpend(At(1), 7, At(0));
        spent.TrySpend(At(2), 7, At(0));

        Assert.That(spent.TrySpend(At(300), 7, At(2)));

        Assert.That(spent.Count, Is.EqualTo(2));
        Assert.That(spent.TrySpend(At(1), 7, At(0)), Is.False, "even if it is taken for a young one");
    }

    [TestCase(1), TestCase(10), TestCase(SpentAnswers.Capacity)]
    public void Who_writes_more_than_is_kept_needs_new_nonces_and_can_repeat_nothing(int ofNonce)
    {
        var spent = new SpentAnswers();
        var writes = 3 * SpentAnswers.Capacity;
        for (var i = 0; i < writes; i++)
        {
            spent.TrySpend(At(1 + (i / ofNonce)), (ulong)i, At(0));
        }

        Assert.That(spent.Count, Is.LessThanOrEqualTo(SpentAnswers.Capacity));
        for (var i = 0; i < writes; i += 7)
        {
            Assert.That(spent.TrySpend(At(1 + (i / ofNonce)), (ulong)i, At(0)), Is.False);
        }
    }

    private static TimeSpan At(int seconds)
    {
        return TimeSpan.FromSeconds(seconds);
    }
}
