using System.Globalization;

namespace Distribyted.Hosting;

/// <summary>How many files and sockets the system lets us have. A process that has none left is ended by the runtime ("Out of memory").</summary>
internal static class OpenFiles
{
    private const int Usual = 4096; // where the system does not say

    // Assemblies, catalog, logs, cache: 230 counted on Linux; a few shared folders, trackers and name look-ups beside.
    private const int Own = 320;

    private const int Least = 32;
    private const int Most = 8192; // each costs about 20 KiB while it only waits

    /// <summary>Connections that all listeners together may hold, beside the peers.</summary>
    public static int ForListeners(int peers)
    {
        return Math.Clamp(Limit() - Own - peers, Least, Most);
    }

    // The runtime has raised the soft limit to the hard one by now.
    private static int Limit()
    {
        const string Limits = "/proc/self/limits";
        if (!OperatingSystem.IsLinux() || !File.Exists(Limits))
        {
            return Usual;
        }

        // "Max open files            20000                20000                files"
        var line = File.ReadLines(Limits).FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal)) ?? "";
        var columns = line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return columns.Length < 2 ? Usual
            : columns[1] == "unlimited" ? int.MaxValue
            : int.TryParse(columns[1], NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit
            : Usual;
    }
}
