using Distribyted.FileSystem;

namespace Distribyted.Archives.Naming;

/// <summary>Which files are taken for archives, by their names: what they really are is seen when they are opened.</summary>
internal static class ArchiveNames
{
    /// <summary>What the name of the folder beside an archive ends with.</summary>
    public const char FolderMark = '!';

    private static readonly string[] Endings =
    [
        ".zip",
        ".cbz",
        ".rar",
        ".cbr",
        ".7z",
        ".cb7",
        ".tar",
        ".cbt",
        ".iso",
        ".tar.gz",
        ".tgz",
        ".tar.bz2",
        ".tbz2",
        ".tbz",
        ".tar.xz",
        ".txz",
        ".tar.zst",
        ".tzst",
        ".tar.lz",
        ".tlz",
    ];

    /// <summary>Whether a file of this name is shown as a folder, too. Letter case does not matter.</summary>
    public static bool IsArchive(ReadOnlySpan<char> name)
    {
        foreach (var ending in Endings)
        {
            if (name.Length > ending.Length && name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether archives of this name have their list of entries at the end: zip and 7z.</summary>
    /// <param name="name">The archive, or the first piece of one.</param>
    /// <param name="isPiece">Whether a number follows the ending.</param>
    public static bool HasListAtEnd(ReadOnlySpan<char> name, bool isPiece)
    {
        var whole = isPiece ? name[..Math.Max(0, name.LastIndexOf('.'))] : name;
        foreach (var ending in (ReadOnlySpan<string>)[".zip", ".cbz", ".7z", ".cb7"])
        {
            if (whole.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the name may be that of a volume: <c>.rar</c>, <c>.r00</c>, <c>.001</c>. Whether it is, the other names of the folder say.</summary>
    public static bool MayBeVolume(ReadOnlySpan<char> name)
    {
        var dot = name.LastIndexOf('.');
        var ending = name[(dot + 1)..];
        if (dot <= 0 || ending.Length is < 3 or > 5)
        {
            return false;
        }

        return ending.Equals("rar", StringComparison.OrdinalIgnoreCase)
            || !ending.ContainsAnyExceptInRange('0', '9')
            || (
                ending.Length == 3
                && char.ToUpperInvariant(ending[0]) is >= 'R' and <= 'Y'
                && !ending[1..].ContainsAnyExceptInRange('0', '9')
            );
    }

    /// <summary>The name of the folder beside an archive; null: it would be too long.</summary>
    public static string? FolderOf(string name)
    {
        var folder = name + FolderMark;
        return VirtualPath.IsSegment(folder) ? folder : null;
    }

    /// <summary>The archive that a folder of this name stands beside; empty: it is not such a folder.</summary>
    public static ReadOnlySpan<char> ArchiveOf(ReadOnlySpan<char> folder)
    {
        return folder is [.. var name, FolderMark] && (IsArchive(name) || MayBeVolume(name)) ? name : [];
    }
}
