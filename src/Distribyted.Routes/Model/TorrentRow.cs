using Distribyted.BitTorrent.Protocol;
using Distribyted.Routes.Catalog;

namespace Distribyted.Routes.Model;

/// <summary>A torrent of a route: what is remembered, and what clients see of it. Immutable.</summary>
internal sealed class TorrentRow
{
    internal TorrentRow(CatalogTorrent stored, string? title, string? where)
    {
        Stored = stored;
        Title = title;
        View = new LibraryTorrent(
            stored.Route,
            stored.InfoHash,
            stored.Name ?? title ?? stored.InfoHash.ToString(),
            stored.Name is null,
            stored.IsFolder,
            stored.Length,
            stored.Added,
            stored.Modified,
            stored.Origin,
            where,
            stored.Magnet
        )
        {
            Selection = FileSelection.Of(stored.Magnet),
        };
    }

    internal CatalogTorrent Stored { get; }

    /// <summary>Its name before the metadata is here (<c>dn</c> of the link); null: not known.</summary>
    internal string? Title { get; }

    internal LibraryTorrent View { get; }

    internal InfoHash InfoHash => Stored.InfoHash;

    /// <summary>Place that names it; such a torrent cannot be removed by clients.</summary>
    internal string? Where => View.Where;

    internal TorrentRow With(CatalogTorrent stored)
    {
        return new TorrentRow(stored, Title, Where);
    }

    internal TorrentRow At(string? where)
    {
        return string.Equals(where, Where, StringComparison.Ordinal) ? this : new TorrentRow(Stored, Title, where);
    }
}
