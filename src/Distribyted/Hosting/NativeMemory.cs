using System.Runtime.InteropServices;

namespace Distribyted.Hosting;

/// <summary>Memory of the runtime itself and of OpenSSL, which both take from malloc. The GNU C library keeps what is freed: it gives each thread that
/// compiles code an arena of its own, and raises the size from which memory is given back. A daemon would keep the most that its threads ever needed, added up.</summary>
internal static partial class NativeMemory
{
    // malloc.h
    private const int TrimThreshold = -1;
    private const int MapThreshold = -3;
    private const int ArenaCount = -8;

    /// <summary>From now on one arena serves all threads, and what is freed goes back to the system. Does nothing where malloc is another one. Called before
    /// there are other threads: an arena that exists stays.</summary>
    public static void KeepLittle()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = SetMallocOption(ArenaCount, 1);
            _ = SetMallocOption(TrimThreshold, 64 * 1024);
            _ = SetMallocOption(MapThreshold, 64 * 1024);
        }
        catch (EntryPointNotFoundException)
        {
            // musl has no such options, and no arenas.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetMallocOption(int option, int value);
}
