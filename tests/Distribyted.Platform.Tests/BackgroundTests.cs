using Distribyted.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.Platform.Tests;

[TestFixture, CancelAfter(60_000)]
internal sealed class BackgroundTests
{
    private const int BackgroundFailed = 1095;

    [Test]
    public void A_timer_that_throws_is_logged_and_fires_again()
    {
        var time = new FakeTimeProvider();
        var log = new RecordingLog();
        using var timer = Background.CreateTimer(time, "test", log, static () => throw new InvalidOperationException("for the test"));
        timer.Change(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

        time.Advance(TimeSpan.FromSeconds(3));

        Assert.That(log.Count(BackgroundFailed), Is.EqualTo(3));
    }

    [Test]
    public async Task Work_on_the_pool_that_throws_is_logged_and_ends_nothing(CancellationToken cancellationToken)
    {
        var queued = new RecordingLog();
        var forgotten = new RecordingLog();
        var run = new RecordingLog();

        Background.Queue("test", queued, static () => throw new InvalidOperationException("for the test"));
        Background.Forget("test", forgotten, Task.FromException(new InvalidOperationException("for the test")));
        await Background.Run("test", run, static () => throw new InvalidOperationException("for the test"));

        await queued.WaitForAsync(BackgroundFailed, cancellationToken);
        await forgotten.WaitForAsync(BackgroundFailed, cancellationToken);
        Assert.That(run.Count(BackgroundFailed), Is.EqualTo(1));
    }

    [Test]
    public async Task Cancellation_is_no_error()
    {
        var log = new RecordingLog();

        await Background.Run("test", log, static () => throw new OperationCanceledException());

        Assert.That(Background.Try("test", log, static () => throw new OperationCanceledException()));
        Assert.That(log.Lines, Is.Empty);
    }
}
