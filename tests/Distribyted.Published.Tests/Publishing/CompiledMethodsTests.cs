using Distribyted.Testing;
using Distribyted.Training;

namespace Distribyted.Published.Tests.Publishing;

/// <summary>What is compiled while the program runs makes a fresh process slow. It comes back unnoticed with each generic type, expression or package.</summary>
internal sealed class CompiledMethodsTests
{
    // Raise it only when nothing can be done: tests/Distribyted.Training/README.md says what to try first.
    private const int Most = 250;

    [Test]
    [CancelAfter(120_000)]
    public async Task From_the_start_to_the_first_MiB_of_a_film_little_is_compiled(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        await using var swarm = await FirstFilm.StartSwarmAsync(cancellationToken);
        await using var daemon = await PublishedDaemon.StartAsync(
            PublishedFolder.Path,
            folder.Path,
            CodeUse.RunCompiled,
            cancellationToken
        );
        await new FirstFilm(daemon, swarm).PlayAsync(cancellationToken);
        await daemon.StopAsync(cancellationToken); // the list is whole only then; what the end compiles counts as well
        var compiled = daemon.Compiled();
        var again = compiled.Count(static m => m.IsAgain);
        TestContext.Out.WriteLine($"{compiled.Count} methods, {again} of them again because they are called often.");
        Assert.That(compiled, Is.Not.Empty, "The runtime wrote no list.");
        Assert.That(
            compiled.Count,
            Is.AtMost(Most),
            string.Join('\n', compiled.Where(static m => !m.IsAgain).Select(static m => $"{m.Tier}: {m.Text}"))
        );
    }
}
