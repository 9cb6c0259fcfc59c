using System.Runtime.InteropServices;

namespace Distribyted.Hosting;

/// <summary>ICU, a library of the system, normalises names (NFC and NFD). Without it the runtime ends the process at the first text it compares; small
/// containers have none.</summary>
/// <remarks>In the runtime's invariant mode everything else works: comparing is ordinal here, casing and host names have tables of their own.</remarks>
internal static partial class Unicode
{
    /// <summary>What an owner should know; null: nothing is missing.</summary>
    public static string? Warning { get; private set; }

    /// <summary>Goes on without ICU if there is none. Call it before anything else.</summary>
    public static void DoWithoutIcu()
    {
        if (OperatingSystem.IsLinux() && !HasIcu())
        {
            AppContext.SetSwitch("System.Globalization.Invariant", true);
            Warning =
                "ICU is not installed (libicu, icu-libs): a name with accents is found only as it is spelled in the torrent. macOS spells them otherwise.";
        }
    }

    private static bool HasIcu()
    {
        try
        {
            return LoadIcu() != 0;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return true; // another runtime, which knows better
        }
    }

    // What the runtime itself asks before it gives up.
    [LibraryImport("libSystem.Globalization.Native", EntryPoint = "GlobalizationNative_LoadICU")]
    private static partial int LoadIcu();
}
