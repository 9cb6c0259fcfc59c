using Distribyted.Hosting;
using Distribyted.Testing;

namespace Distribyted.Tests.Hosting;

/// <summary>The torrent that is read before the first one of a user.</summary>
[CancelAfter(60_000)]
internal sealed class RehearsalTests
{
    [Test]
    public async Task It_is_read_to_its_end_and_nothing_of_it_stays(CancellationToken cancellationToken)
    {
        using var metadata = new TempFolder();
        var folder = Path.Combine(metadata.Path, "rehearsal");

        var read = await Rehearsal.RunAsync(folder, cancellationToken);

        Assert.That(read, Is.EqualTo(Rehearsal.Length));
        Assert.That(Directory.Exists(folder), Is.False);
    }

    [Test]
    public async Task What_a_killed_process_left_of_it_does_not_disturb(CancellationToken cancellationToken)
    {
        using var metadata = new TempFolder();
        var folder = Path.Combine(metadata.Path, "rehearsal");
        Directory.CreateDirectory(Path.Combine(folder, "library"));
        await File.WriteAllTextAsync(Path.Combine(folder, "library", "catalog.db"), "torn", cancellationToken);

        var read = await Rehearsal.RunAsync(folder, cancellationToken);

        Assert.That(read, Is.EqualTo(Rehearsal.Length));
    }
}
