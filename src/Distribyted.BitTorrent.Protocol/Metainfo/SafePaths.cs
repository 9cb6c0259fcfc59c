using System.Buffers.Binary;
using System.Text;

namespace Distribyted.BitTorrent.Protocol.Metainfo;

/// <summary>Sees to it that no two files of a torrent have the same path, and that no file is where a folder is.</summary>
/// <remarks>Who comes first in the torrent keeps the name. Padding files come after all others: they are never shown.</remarks>
internal static class SafePaths
{
    /// <summary>Changes last names of paths where needed.</summary>
    public static void MakeUnique(IReadOnlyList<string[]> paths, Func<int, bool> isPadding)
    {
        var folders = new Dictionary<(int Parent, string Name), int>();
        var parents = new int[paths.Count];
        for (var i = 0; i < paths.Count; i++)
        {
            var folder = 0;
            foreach (var name in paths[i].AsSpan(..^1))
            {
                if (!folders.TryGetValue((folder, name), out var next))
                {
                    next = folders.Count + 1;
                    folders.Add((folder, name), next);
                }

                folder = next;
            }

            parents[i] = folder;
        }

        var taken = new HashSet<(int Parent, string Name)>(paths.Count);
        foreach (var padding in new[] { false, true })
        {
            for (var i = 0; i < paths.Count; i++)
            {
                if (isPadding(i) == padding)
                {
                    paths[i][^1] = Unique(paths[i][^1], parents[i], i, taken, folders);
                }
            }
        }
    }

    private static string Unique(
        string wanted,
        int parent,
        int file,
        HashSet<(int Parent, string Name)> taken,
        Dictionary<(int Parent, string Name), int> folders
    )
    {
        var name = wanted;
        for (var attempt = 0; folders.ContainsKey((parent, name)) || !taken.Add((parent, name)); attempt++)
        {
            var text = Encoding.UTF8.GetByteCount(wanted);
            var identity = new byte[text + 8];
            Encoding.UTF8.GetBytes(wanted, identity);
            BinaryPrimitives.WriteInt32BigEndian(identity.AsSpan(text), file);
            BinaryPrimitives.WriteInt32BigEndian(identity.AsSpan(text + 4), attempt);
            name = SafeName.WithSuffix(wanted, identity);
        }

        return name;
    }
}
