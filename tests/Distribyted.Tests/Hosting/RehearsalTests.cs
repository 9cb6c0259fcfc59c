using Distribyted.Hosting;

namespace Distribyted.Tests.Hosting;

/// <summary>The torrent that is read before the first one of a user.</summary>
[CancelAfter(60_000)]
internal sealed class RehearsalTests
{
    [Test]
    public async Task It_is_read_to_its_end_and_nothing_of_it_stays(CancellationToken cancellationToken)
    {
        var before = Left();

        var read = await Rehearsal.RunAsync(cancellationToken);

        Assert.That(read, Is.EqualTo(Rehearsal.Length));
        Assert.That(Left().Except(before), Is.Empty);
    }

    private static string[] Left()
    {
        return Directory.GetDirectories(Path.GetTempPath(), "distribyted-rehearsal-*");
    }
}
