using Distribyted.Testing;

namespace Distribyted.Lab.Tests;

internal sealed class ScriptedPlayerTests
{
    private static readonly PlayScript Script = new()
    {
        BytesPerSecond = 4_000_000,
        PlayFor = TimeSpan.FromMilliseconds(300),
        Seeks = [0.5, 0.1],
    };

    [Test, CancelAfter(60_000)]
    public async Task A_source_that_has_everything_never_stalls(CancellationToken cancellationToken)
    {
        var offsets = new List<long>();
        var player = new ScriptedPlayer(
            (offset, destination, _) =>
            {
                offsets.Add(offset);
                return ValueTask.FromResult(destination.Length);
            },
            100_000_000,
            new JumpingClock()
        );

        var report = await player.PlayAsync(Script, cancellationToken);

        Assert.That((report.Stalls, report.Stalled), Is.EqualTo((0, TimeSpan.Zero)));
        Assert.That(report.Seeks, Has.Count.EqualTo(2));
        Assert.That(offsets[0], Is.Zero);
        Assert.That(offsets[1], Is.EqualTo(100_000_000 - Script.Tail));
        Assert.That(offsets, Does.Contain(50_000_000).And.Contain(10_000_000));
        Assert.That(report.Bytes, Is.EqualTo(Script.Head + Script.Tail + (3 * 1_200_000)));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_source_that_pauses_longer_than_the_buffer_stalls_once(CancellationToken cancellationToken)
    {
        var time = new JumpingClock();
        var paused = false;
        var player = new ScriptedPlayer(
            async (offset, destination, token) =>
            {
                if (offset is > 50_900_000 and < 60_000_000 && !paused)
                {
                    paused = true;
                    await Task.Delay(TimeSpan.FromMilliseconds(700), time, token);
                }

                return destination.Length;
            },
            100_000_000,
            time
        );

        var report = await player.PlayAsync(Script, cancellationToken);

        Assert.That(report.Stalls, Is.EqualTo(1));
        Assert.That(report.Stalled, Is.InRange(TimeSpan.FromMilliseconds(350), TimeSpan.FromMilliseconds(700)));
    }

    [Test, CancelAfter(60_000)]
    public void A_film_that_ends_early_is_an_error(CancellationToken cancellationToken)
    {
        var player = new ScriptedPlayer((_, _, _) => ValueTask.FromResult(0), 1000);

        Assert.That(() => player.PlayAsync(Script, cancellationToken), Throws.InstanceOf<EndOfStreamException>());
    }
}
