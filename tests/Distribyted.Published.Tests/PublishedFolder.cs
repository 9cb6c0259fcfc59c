using Distribyted.Testing;

namespace Distribyted.Published.Tests;

/// <summary>The folder that the README's command makes, made once for all tests; or the one that DISTRIBYTED_TESTS_PUBLISHED names.</summary>
[SetUpFixture]
internal sealed class PublishedFolder
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(12); // compiles the whole framework

    private TempFolder? _folder;

    public static string Path { get; private set; } = "";

    [OneTimeSetUp]
    public async Task Publish()
    {
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
            ["publish", System.IO.Path.Combine(Root(), "src", "Distribyted"), "-c", "Release", "-o", Path, "--nologo", "-v", "quiet"],
            limit.Token
        );
    }

    [OneTimeTearDown]
    public void Remove()
    {
        _folder?.Dispose();
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "Distribyted.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }

        return folder.FullName;
    }
}
