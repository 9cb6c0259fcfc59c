using Distribyted.FileSystem;

namespace Distribyted.Archives.Folders;

/// <summary>What a client deleted in archives, file by file, as <c>rm -r</c> over a mount does. It looks deleted until a minute after the last deletion in the same
/// archive; then it is there again, unless the archive was deleted as well. In memory and bounded; safe for use by many threads.</summary>
/// <remarks>Such clients have read the listing before they delete. If they delete the archive first, its folder stays for a minute as an empty one that is in no
/// listing, so that they find what they delete next.</remarks>
internal sealed class DeletedEntries(TimeProvider time)
{
    private const int MaxPaths = 100_000;
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<VirtualPath, Archive> _archives = []; // guarded by _lock; by their folders
    private volatile int _count; // of archives; written under _lock

    /// <summary>Whether nothing was deleted: the usual case, which costs a read.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>Whether this was deleted, or lies in a folder that was.</summary>
    public bool Contains(VirtualPath path)
    {
        lock (_lock)
        {
            DropOld();
            var normal = path.Normalized();
            foreach (var (folder, archive) in _archives)
            {
                if (archive.Empty is null && normal.StartsWith(folder))
                {
                    return archive.Holds(folder, normal);
                }
            }

            return false;
        }
    }

    /// <summary>Whether something directly in this folder may have been deleted.</summary>
    public bool MayHide(VirtualPath folder)
    {
        lock (_lock)
        {
            var normal = folder.Normalized();
            return _archives.Keys.Any(archive => archive.Parent == normal || normal.StartsWith(archive));
        }
    }

    /// <summary>The empty folder that stays of an archive which was deleted; null: none does.</summary>
    public FileEntry? FindEmpty(VirtualPath folder)
    {
        lock (_lock)
        {
            DropOld();
            return _archives.GetValueOrDefault(folder.Normalized())?.Empty;
        }
    }

    /// <summary>Hides something in an archive, or its folder. False: too much is hidden already.</summary>
    public bool Add(VirtualPath folder, VirtualPath path)
    {
        lock (_lock)
        {
            DropOld();
            if (_archives.Values.Sum(static archive => archive.Paths.Count) >= MaxPaths)
            {
                return false;
            }

            var normal = folder.Normalized();
            if (!_archives.TryGetValue(normal, out var archive) || archive.Empty is not null)
            {
                _archives[normal] = archive = new Archive();
            }

            archive.Paths.Add(path.Normalized());
            archive.Last = time.GetTimestamp();
            _count = _archives.Count;
            return true;
        }
    }

    /// <summary>The archive of this folder was deleted.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="entry">The folder as it stays; null: it was deleted before, or is the archive itself.</param>
    public void Leave(VirtualPath folder, FileEntry? entry)
    {
        lock (_lock)
        {
            DropOld();
            var normal = folder.Normalized();
            _archives.Remove(normal);
            if (entry is not null && _archives.Count < MaxPaths)
            {
                _archives[normal] = new Archive { Empty = entry, Last = time.GetTimestamp() };
            }

            _count = _archives.Count;
        }
    }

    private void DropOld()
    {
        foreach (var (folder, archive) in _archives)
        {
            if (time.GetElapsedTime(archive.Last) >= Life)
            {
                _archives.Remove(folder); // which a dictionary allows while it is walked
            }
        }

        _count = _archives.Count;
    }

    private sealed class Archive
    {
        public HashSet<VirtualPath> Paths { get; } = [];

        /// <summary>Not null: the archive is gone, and this is its folder.</summary>
        public FileEntry? Empty { get; init; }

        public long Last { get; set; }

        public bool Holds(VirtualPath folder, VirtualPath path)
        {
            for (var at = path; at.StartsWith(folder) && !at.IsRoot; at = at.Parent)
            {
                if (Paths.Contains(at))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
