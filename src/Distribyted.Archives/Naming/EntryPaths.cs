using System.Buffers.Binary;
using System.Text;
using Distribyted.Archives.Formats;
using Distribyted.FileSystem;
using Distribyted.Platform;

namespace Distribyted.Archives.Naming;

/// <summary>Makes the paths of an archive fit for a tree: names are cleaned like those of torrents, every path is relative, and no two are the same for a
/// client that ignores letter case and composition.</summary>
/// <remarks>Folders get their names before files; of each, who comes first in the archive keeps its name. The same archive gives the same paths.</remarks>
internal sealed class EntryPaths
{
    private const int MaxDepth = 100; // of the 256 of a whole path

    private readonly Dictionary<(int Parent, string Name), (int Folder, string Shown)> _folders = [];
    private readonly HashSet<(int Parent, string Key)> _taken = [];

    /// <summary>The path of each entry; null where it has none (nothing but slashes, too deep).</summary>
    public static string[]?[] Make(IReadOnlyList<ArchiveEntry> entries)
    {
        var paths = new EntryPaths();
        var result = new string[]?[entries.Count];
        var parents = new int[entries.Count];
        for (var i = 0; i < entries.Count; i++)
        {
            if (Clean(entries[i].Path) is { } path)
            {
                parents[i] = paths.AddFolders(path, entries[i].IsFolder ? path.Length : path.Length - 1);
                result[i] = path;
            }
        }

        for (var i = 0; i < entries.Count; i++)
        {
            if (result[i] is { } path && !entries[i].IsFolder)
            {
                path[^1] = paths.Unique(path[^1], parents[i], i);
            }
        }

        return result;
    }

    // "/etc/x" and "./x" are relative; ".." is a name of two underscores, as in torrents.
    private static string[]? Clean(string path)
    {
        if (path.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') >= 0)
        {
            path = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(path)); // half a character cannot be sent
        }

        var names = new List<string>();
        foreach (var name in path.Split('/'))
        {
            if (name is "" or ".")
            {
                continue;
            }

            if (names.Count == MaxDepth)
            {
                return null;
            }

            names.Add(SafeFileName.Make(name));
        }

        return names.Count > 0 ? [.. names] : null;
    }

    private int AddFolders(string[] path, int count)
    {
        var parent = 0;
        for (var i = 0; i < count; i++)
        {
            if (!_folders.TryGetValue((parent, path[i]), out var folder))
            {
                folder = (_folders.Count + 1, Unique(path[i], parent, -1));
                _folders.Add((parent, path[i]), folder);
            }

            path[i] = folder.Shown;
            parent = folder.Folder;
        }

        return parent;
    }

    private string Unique(string wanted, int parent, int entry)
    {
        var name = wanted;
        for (var attempt = 0; !_taken.Add((parent, KeyOf(name))); attempt++)
        {
            var identity = new byte[Encoding.UTF8.GetByteCount(wanted) + 8];
            var length = Encoding.UTF8.GetBytes(wanted, identity);
            BinaryPrimitives.WriteInt32BigEndian(identity.AsSpan(length), entry);
            BinaryPrimitives.WriteInt32BigEndian(identity.AsSpan(length + 4), attempt);
            name = SafeFileName.WithSuffix(wanted, identity);
        }

        return name;
    }

    private static string KeyOf(string name)
    {
        return NameIndex.Normalized(name).ToUpperInvariant();
    }
}
