using Distribyted.FileSystem;

namespace Distribyted.Archives.Options;

/// <summary>What is shown of archives and what reading them may take.</summary>
public sealed record ArchiveOptions
{
    /// <summary>How archives look.</summary>
    public ArchiveMode Mode { get; set; } = ArchiveMode.Beside;

    /// <summary>Folders of the tree in which they look otherwise; the longest folder that a path lies in decides.</summary>
    public IReadOnlyDictionary<VirtualPath, ArchiveMode> Folders { get; set; } = new Dictionary<VirtualPath, ArchiveMode>();

    /// <summary>Archives in archives, 1 to 4: 1 shows none inside another.</summary>
    public int Depth { get; set; } = 2;

    /// <summary>Most entries of one archive, 1 to 1,000,000; the folder's note says that there are more. Guards against archives made to exhaust memory.</summary>
    public int MaxEntries { get; set; } = 100_000;

    /// <summary>Tried in order on encrypted archives.</summary>
    public IReadOnlyList<string> Passwords { get; set; } = [];

    /// <summary>File with further passwords, one a line, which the host reads at start; empty: none.</summary>
    public string PasswordsFile { get; set; } = "";

    /// <summary>Folder in which lists of entries are kept, so that a second listing reads nothing of the archive; empty: they are not kept.</summary>
    public string IndexFolder { get; set; } = "";

    /// <summary>Most unpacked bytes for each packed byte of an entry or solid block, 10 to 100,000; beyond it reading fails. Guards against archives made to fill disks.</summary>
    public int MaxRatio { get; set; } = 1000; // deflate reaches 1,032 with nothing but zeros

    /// <summary>Folder in which decompressed bytes are kept while there is space, made at the first use; empty: compressed entries are listed and cannot be read.</summary>
    public string SpoolFolder { get; set; } = "";

    /// <summary>Whether any archive is shown as a folder.</summary>
    public bool IsOn => Mode != ArchiveMode.Off || Folders.Values.Any(static mode => mode != ArchiveMode.Off);

    /// <summary>How the archives in this folder look.</summary>
    internal ArchiveMode ModeOf(VirtualPath folder)
    {
        if (Folders.Count > 0)
        {
            for (var at = folder; !at.IsRoot; at = at.Parent)
            {
                if (Folders.TryGetValue(at, out var mode))
                {
                    return mode;
                }
            }
        }

        return Mode;
    }
}
