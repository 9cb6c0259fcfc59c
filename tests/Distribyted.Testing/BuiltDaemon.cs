using NUnit.Framework;

namespace Distribyted.Testing;

/// <summary>The daemon as this very build made it.</summary>
internal static class BuiltDaemon
{
    /// <summary>Beside our own output folder, in the same configuration; or the published one that DISTRIBYTED_TESTS_DAEMON names.</summary>
    public static string Path()
    {
        if (Environment.GetEnvironmentVariable("DISTRIBYTED_TESTS_DAEMON") is { Length: > 0 } published)
        {
            return published;
        }

        var own = new DirectoryInfo(AppContext.BaseDirectory); // artifacts/bin/Distribyted.Something.Tests/release
        var path = System.IO.Path.Combine(own.Parent!.Parent!.FullName, "Distribyted", own.Name, "Distribyted.dll");
        Assert.That(File.Exists(path), $"{path} is not built.");
        return path;
    }
}
