using Distribyted.Testing;

namespace Distribyted.Published.Tests.Publishing;

/// <summary>The folder that the README's command makes, made once for all tests of this folder; or the one that DISTRIBYTED_TESTS_PUBLISHED names.</summary>
/// <remarks>Linux only: elsewhere all of them are skipped.</remarks>
[SetUpFixture]
internal sealed class PublishedFolder
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(12); // compiles the whole framework

    private TempFolder? _folder;

    public static string Path { get; private set; } = "";

    [OneTimeSetUp]
    public async Task Publish()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("Linux only: a published daemon is ended by SIGTERM with /bin/kill.");
        }

        if (Environment.GetEnvironmentVariable("DISTRIBYTED_TESTS_PUBLISHED") is { Length: > 0 } made)
        {
            Path = made;
            return;
        }

        _folder = new TempFolder();
        Path = _folder.At("published");
        using var limit = new CancellationTokenSource(Limit);
        await RunningProgram.RunAsync(
            "dotnet",
            ["publish", System.IO.Path.Combine(Repository.Sources, "Distribyted"), "-c", "Release", "-o", Path, "--nologo", "-v", "quiet"],
            limit.Token
        );
    }

    [OneTimeTearDown]
    public void Remove()
    {
        _folder?.Dispose();
    }
}
