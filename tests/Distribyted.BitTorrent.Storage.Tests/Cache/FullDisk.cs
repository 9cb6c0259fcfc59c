using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Distribyted.BitTorrent.Storage.Tests.Cache;

/// <summary>A file that is open in this process takes no more bytes until this is disposed: its descriptor leads to <c>/dev/full</c>. Linux only.</summary>
internal sealed partial class FullDisk : IDisposable
{
    private readonly string _path;
    private readonly int _descriptor;

    private FullDisk(string path, int descriptor)
    {
        _path = path;
        _descriptor = descriptor;
        Lead("/dev/full", FileAccess.Write);
    }

    public static FullDisk Of(string path)
    {
        var descriptor = Directory.GetFiles("/proc/self/fd").Single(one => new FileInfo(one).LinkTarget == path);
        return new FullDisk(path, int.Parse(Path.GetFileName(descriptor), System.Globalization.CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        Lead(_path, FileAccess.ReadWrite);
    }

    private void Lead(string path, FileAccess access)
    {
        using var file = File.OpenHandle(path, FileMode.Open, access, FileShare.ReadWrite);
        if (Duplicate((int)file.DangerousGetHandle(), _descriptor) < 0)
        {
            throw new Win32Exception();
        }
    }

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static partial int Duplicate(int from, int to);
}
