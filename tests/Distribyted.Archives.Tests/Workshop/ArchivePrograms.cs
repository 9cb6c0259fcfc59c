using Distribyted.Testing;

namespace Distribyted.Archives.Tests.Workshop;

/// <summary>Programs that make and unpack archives. Where one is missing its tests are ignored, saying so.</summary>
internal static class ArchivePrograms
{
    private static readonly Dictionary<string, string> Utf8 = new(StringComparer.Ordinal) { ["LC_ALL"] = "C.UTF-8" };

    private static readonly Dictionary<string, string> Packages = new(StringComparer.Ordinal)
    {
        ["7zz"] = "7zip",
        ["bsdtar"] = "libarchive-tools",
        ["unar"] = "unar",
        ["lsar"] = "unar",
        ["xorriso"] = "xorriso",
        ["genisoimage"] = "genisoimage",
        ["mkudffs"] = "udftools",
    };

    public static void Need(string program)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!folders.Append("/usr/sbin").Any(folder => File.Exists(Path.Combine(folder, program))))
        {
            Assert.Ignore($"{Packages[program]} is not installed; tests/run installs it.");
        }
    }

    /// <summary>Runs one to its end and returns what it printed; fails the test unless it exits with 0.</summary>
    public static async Task<string> RunAsync(
        string program,
        IEnumerable<string> arguments,
        CancellationToken cancellationToken,
        string? folder = null
    )
    {
        Need(program);
        await using var running = RunningProgram.Start(program, arguments, Utf8, folder);
        await running.WaitForExitAsync(cancellationToken);
        Assert.That(running.ExitCode, Is.Zero, $"{program} failed:\n{running.Output}");
        return running.Output;
    }
}
