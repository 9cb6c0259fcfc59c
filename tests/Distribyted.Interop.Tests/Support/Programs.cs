using System.Diagnostics.CodeAnalysis;

namespace Distribyted.Interop.Tests.Support;

/// <summary>Programs that we did not write. Where one is missing its tests are ignored, saying so.</summary>
internal static class Programs
{
    public static void Need(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (!TryFind(name, out _))
            {
                Assert.Ignore($"{name} is not installed; tests/run installs it.");
            }
        }
    }

    /// <summary>python3-libtorrent belongs to the system's Python, which need not be the first one in the path.</summary>
    public static void NeedLibtorrent()
    {
        Need("/usr/bin/python3");
        if (
            !Directory.Exists("/usr/lib/python3/dist-packages")
            || Directory.GetFiles("/usr/lib/python3/dist-packages", "libtorrent*").Length == 0
        )
        {
            Assert.Ignore("python3-libtorrent is not installed; tests/run installs it.");
        }
    }

    /// <summary>Mounting takes /dev/fuse and the right to mount.</summary>
    public static void NeedFuse()
    {
        if (!File.Exists("/dev/fuse") || !Environment.IsPrivilegedProcess)
        {
            Assert.Ignore("mounting needs /dev/fuse and root.");
        }
    }

    public static bool TryFind(string name, [NotNullWhen(true)] out string? path)
    {
        if (Path.IsPathRooted(name))
        {
            path = name;
            return File.Exists(name);
        }

        path = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
        return path is not null;
    }
}
