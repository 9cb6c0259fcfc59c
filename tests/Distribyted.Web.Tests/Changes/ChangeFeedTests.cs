using System.Globalization;
using Distribyted.Web.Changes;

namespace Distribyted.Web.Tests.Changes;

[CancelAfter(60_000)]
internal sealed class ChangeFeedTests
{
    [Test]
    public async Task A_hundred_listeners_get_a_thousand_changes_each_once_and_in_order(CancellationToken cancellationToken)
    {
        const int Changes = 1000;
        var feed = new ChangeFeed(4096);
        var listeners = Enumerable
            .Range(0, 100)
            .Select(_ => Task.Run(() => ListenAsync(feed, Changes, cancellationToken), cancellationToken))
            .ToArray();

        await Parallel.ForAsync(
            0,
            Changes,
            cancellationToken,
            (i, _) =>
            {
                feed.Publish(Numbered(i));
                return ValueTask.CompletedTask;
            }
        );

        var heard = await Task.WhenAll(listeners);
        Assert.That(heard[0].Order(), Is.EqualTo(Enumerable.Range(0, Changes)));
        Assert.That(heard, Has.All.EqualTo(heard[0]));
    }

    [Test]
    public void Who_is_too_slow_is_told_of_the_gap_and_what_is_kept_is_bounded()
    {
        var feed = new ChangeFeed(4);
        for (var i = 0; i < 10; i++)
        {
            feed.Publish(Numbered(i));
        }

        var slow = feed.Read(after: 5, most: 100);
        var justKept = feed.Read(after: 6, most: 100);
        var future = feed.Read(after: 11, most: 100);
        var whole = feed.Read(after: 10, most: 100);

        Assert.That((slow.HasGap, slow.Changes.Count), Is.EqualTo((true, 4)));
        Assert.That((justKept.HasGap, justKept.Changes.Count), Is.EqualTo((false, 4)));
        Assert.That(future.HasGap, Is.True);
        Assert.That((whole.HasGap, whole.Changes.Count, whole.More.IsCompleted), Is.EqualTo((false, 0, false)));
    }

    private static async Task<List<int>> ListenAsync(ChangeFeed feed, int count, CancellationToken cancellationToken)
    {
        List<int> heard = [];
        for (var place = 0L; heard.Count < count; )
        {
            var (changes, hasGap, more) = feed.Read(place, 64);
            Assert.That(hasGap, Is.False);
            foreach (var (number, change) in changes)
            {
                place = number;
                heard.Add(int.Parse(change.Data, CultureInfo.InvariantCulture));
            }

            await (heard.Count < count ? more.WaitAsync(cancellationToken) : Task.CompletedTask);
        }

        return heard;
    }

    private static Change Numbered(int number)
    {
        var text = number.ToString(CultureInfo.InvariantCulture);
        return new Change("x", [], text, text);
    }
}
