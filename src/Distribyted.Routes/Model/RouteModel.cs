using System.Collections.Immutable;
using System.Text;
using Distribyted.BitTorrent.Protocol;
using Distribyted.FileSystem;
using Distribyted.Routes.Catalog;

namespace Distribyted.Routes.Model;

/// <summary>A route and its torrents. Immutable; a change costs O(log n), so that adding 50,000 one by one does not cost 50,000 copies.</summary>
internal sealed class RouteModel
{
    private static readonly IComparer<LibraryTorrent> ByNameAndHash = Comparer<LibraryTorrent>.Create(
        static (a, b) =>
        {
            var byName = string.CompareOrdinal(a.Name, b.Name);
            return byName != 0 ? byName : a.InfoHash.CompareTo(b.InfoHash);
        }
    );

    private static readonly IComparer<LibraryTorrent> ByName = Comparer<LibraryTorrent>.Create(
        static (a, b) => string.CompareOrdinal(a.Name, b.Name)
    );

    private readonly ImmutableDictionary<InfoHash, TorrentRow> _rows;
    private readonly ImmutableSortedSet<LibraryTorrent> _all;
    private readonly ImmutableSortedSet<LibraryTorrent> _shown;
    private readonly ImmutableSortedSet<LibraryTorrent> _pending;
    private NameIndex? _spellings;

    private RouteModel(
        CatalogRoute stored,
        string? where,
        ImmutableDictionary<InfoHash, TorrentRow> rows,
        ImmutableSortedSet<LibraryTorrent> all,
        ImmutableSortedSet<LibraryTorrent> shown,
        ImmutableSortedSet<LibraryTorrent> pending,
        DateTimeOffset modified,
        long length,
        long version
    )
    {
        Stored = stored;
        _rows = rows;
        _all = all;
        _shown = shown;
        _pending = pending;
        Modified = modified;
        Length = length;
        Version = version;
        View = new LibraryRoute(stored.Name, stored.Added, where, all);
    }

    internal CatalogRoute Stored { get; }

    internal LibraryRoute View { get; }

    internal string Name => Stored.Name;

    internal string? Where => View.Where;

    /// <summary>Bytes of everything shown.</summary>
    internal long Length { get; }

    /// <summary>When the last of its torrents came.</summary>
    internal DateTimeOffset Modified { get; }

    /// <summary>Counts changes since the start.</summary>
    internal long Version { get; }

    internal int Count => _rows.Count;

    internal int PendingCount => _pending.Count;

    internal IEnumerable<TorrentRow> Rows => _rows.Values;

    /// <summary>Torrents with metadata, sorted by mounted name (ordinal), which no two share.</summary>
    internal ImmutableSortedSet<LibraryTorrent> Shown => _shown;

    internal ImmutableSortedSet<LibraryTorrent> Pending => _pending;

    internal static RouteModel Create(CatalogRoute stored, string? where)
    {
        return new RouteModel(
            stored,
            where,
            ImmutableDictionary<InfoHash, TorrentRow>.Empty,
            ImmutableSortedSet.Create(ByNameAndHash),
            ImmutableSortedSet.Create(ByName),
            ImmutableSortedSet.Create(ByNameAndHash),
            stored.Added,
            0,
            0
        );
    }

    internal TorrentRow? Find(InfoHash hash)
    {
        return _rows.GetValueOrDefault(hash);
    }

    /// <summary>The torrent of this mounted name, byte for byte.</summary>
    internal LibraryTorrent? FindShown(string name)
    {
        var probe = new LibraryTorrent(Name, default, name, false, false, 0, default, default, "", null, null);
        return _shown.TryGetValue(probe, out var found) ? found : null;
    }

    /// <summary>The torrent of this mounted name in any spelling (NFC, NFD); the exact one wins.</summary>
    internal LibraryTorrent? FindAnySpelling(string name)
    {
        if (FindShown(name) is { } exact)
        {
            return exact;
        }

        if (Ascii.IsValid(name))
        {
            return null; // has only one spelling
        }

        _spellings ??= new NameIndex(new ShownNames(_shown));
        var index = _spellings.Find(name);
        return index < 0 ? null : _shown[index];
    }

    internal RouteModel With(CatalogRoute stored, string? where)
    {
        return new RouteModel(stored, where, _rows, _all, _shown, _pending, Modified, Length, Version + 1);
    }

    internal RouteModel Put(TorrentRow row)
    {
        var without = Remove(row.InfoHash);
        return new RouteModel(
            Stored,
            Where,
            without._rows.SetItem(row.InfoHash, row),
            without._all.Add(row.View),
            row.View.IsPending ? without._shown : without._shown.Add(row.View),
            row.View.IsPending ? without._pending.Add(row.View) : without._pending,
            row.View.Added > Modified ? row.View.Added : Modified,
            without.Length + row.View.Length,
            Version + 1
        );
    }

    internal RouteModel Remove(InfoHash hash)
    {
        if (Find(hash) is not { } row)
        {
            return this;
        }

        return new RouteModel(
            Stored,
            Where,
            _rows.Remove(hash),
            _all.Remove(row.View),
            row.View.IsPending ? _shown : _shown.Remove(row.View),
            row.View.IsPending ? _pending.Remove(row.View) : _pending,
            Modified,
            Length - row.View.Length,
            Version + 1
        );
    }

    /// <summary>Names of the torrents shown, in their order, without a copy.</summary>
    private sealed class ShownNames(ImmutableSortedSet<LibraryTorrent> shown) : IReadOnlyList<string>
    {
        public int Count => shown.Count;

        public string this[int index] => shown[index].Name;

        public IEnumerator<string> GetEnumerator()
        {
            return shown.Select(t => t.Name).GetEnumerator();
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator()
        {
            return GetEnumerator();
        }
    }
}
