using Distribyted.BitTorrent.Protocol;
using Distribyted.Routes.Catalog;

namespace Distribyted.Routes.Tests.Catalog;

/// <summary>A catalog that lives as long as its instance; a second one over the same store is a restart.</summary>
internal sealed class MemoryRouteCatalog(MemoryRouteCatalog.Store store) : IRouteCatalog
{
    internal bool IsFull { get; set; }

    /// <summary>Changes that found it full.</summary>
    internal int Refused { get; private set; }

    public ValueTask<CatalogContent> LoadAsync(CancellationToken cancellationToken)
    {
        lock (store)
        {
            return ValueTask.FromResult(new CatalogContent([.. store.Routes.Values], [.. store.Torrents.Values]));
        }
    }

    public Task ApplyAsync(IReadOnlyList<CatalogChange> changes, CancellationToken cancellationToken)
    {
        if (IsFull && changes.Count > 0)
        {
            Refused++;
            throw new IOException("No space left on device");
        }

        lock (store)
        {
            foreach (var change in changes)
            {
                switch (change)
                {
                    case CatalogChange.PutRoute put:
                        store.Routes[put.Route.Name] = put.Route;
                        break;
                    case CatalogChange.RemoveRoute remove:
                        store.Routes.Remove(remove.Name);
                        break;
                    case CatalogChange.PutTorrent put:
                        store.Torrents[(put.Torrent.Route, put.Torrent.InfoHash)] = put.Torrent;
                        break;
                    case CatalogChange.RemoveTorrent remove:
                        store.Torrents.Remove((remove.Route, remove.InfoHash));
                        break;
                }
            }
        }

        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        return ValueTask.CompletedTask;
    }

    internal sealed class Store
    {
        internal Dictionary<string, CatalogRoute> Routes { get; } = new(StringComparer.Ordinal);

        internal Dictionary<(string Route, InfoHash InfoHash), CatalogTorrent> Torrents { get; } = [];
    }
}
