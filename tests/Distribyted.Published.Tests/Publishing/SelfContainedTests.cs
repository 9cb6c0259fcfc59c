using Distribyted.Testing;

namespace Distribyted.Published.Tests.Publishing;

/// <summary>The folder runs where there is no .NET.</summary>
internal sealed class SelfContainedTests
{
    [Test]
    [CancelAfter(120_000)]
    public async Task The_self_test_passes_without_an_installed_runtime(CancellationToken cancellationToken)
    {
        using var nothing = new TempFolder();
        // Where a program that needs an installed runtime would look for one.
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DOTNET_ROOT"] = nothing.Path,
            ["PATH"] = nothing.Path,
        };
        await using var program = RunningProgram.Start(
            Path.Combine(PublishedFolder.Path, "Distribyted"),
            ["selftest"],
            environment,
            nothing.Path
        );
        await program.WaitForExitAsync(cancellationToken);
        Assert.That(program.ExitCode, Is.Zero, program.Output);
        Assert.That(program.Output, Does.Contain("selftest: passed"));
    }

    [Test]
    public void The_folder_has_the_runtime()
    {
        Assert.That(Path.Combine(PublishedFolder.Path, "libcoreclr.so"), Does.Exist);
    }
}
