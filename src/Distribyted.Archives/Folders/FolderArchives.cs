using Distribyted.Archives.Naming;
using Distribyted.Archives.Volumes;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Folders;

/// <summary>The archives in a folder, by the names in its listing alone.</summary>
internal sealed class FolderArchives
{
    private readonly HashSet<string> _inSets = new(StringComparer.Ordinal);

    private FolderArchives() { }

    /// <summary>Where in the listing the archives are; of a set of volumes, the one that stands for it.</summary>
    public SortedSet<int> Shown { get; } = [];

    /// <summary>Where further volumes are.</summary>
    public HashSet<int> Hidden { get; } = [];

    /// <summary>Sets of volumes.</summary>
    public List<VolumeSet> Sets { get; } = [];

    public static FolderArchives Of(DirectoryListing listing)
    {
        var archives = new FolderArchives();
        Dictionary<string, int>? volumes = null;
        for (var i = 0; i < listing.Count; i++)
        {
            var name = listing.NameAt(i);
            if (ArchiveNames.MayBeVolume(name) && !listing[i].IsDirectory)
            {
                (volumes ??= new Dictionary<string, int>(StringComparer.Ordinal)).Add(name, i);
            }
            else if (ArchiveNames.IsArchive(name) && !listing[i].IsDirectory)
            {
                archives.Shown.Add(i);
            }
        }

        if (volumes is not null)
        {
            archives.AddVolumes(volumes);
        }

        return archives;
    }

    /// <summary>Whether this volume name belongs to no set and is an archive of its own.</summary>
    public bool IsAlone(string name)
    {
        return ArchiveNames.IsArchive(name) && !_inSets.Contains(name);
    }

    private void AddVolumes(Dictionary<string, int> volumes)
    {
        foreach (var set in VolumeSets.Find(volumes.Keys))
        {
            // Many programs number their files; one that is alone is a piece of an archive only when its name says so.
            var stem = set.Name.AsSpan(0, set.Name.LastIndexOf('.'));
            if (set is { Naming: VolumeNaming.Numbers, Names.Length: 1 } && !ArchiveNames.IsArchive(stem))
            {
                continue;
            }

            Sets.Add(set);
            Shown.Add(volumes[set.Name]);
            foreach (var name in set.Names)
            {
                _inSets.Add(name);
                Hidden.Add(volumes[name]);
            }

            Hidden.Remove(volumes[set.Name]);
        }

        foreach (var (name, index) in volumes)
        {
            if (IsAlone(name))
            {
                Shown.Add(index);
            }
        }
    }
}
