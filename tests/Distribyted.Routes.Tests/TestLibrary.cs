using System.Net;
using System.Text;
using Distribyted.BitTorrent;
using Distribyted.FileSystem;
using Distribyted.Routes.Sources;
using Distribyted.Routes.Telemetry;
using Distribyted.Routes.Tests.Catalog;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.Routes.Tests;

/// <summary>A library over a real engine that has no peers, in a folder of its own.</summary>
internal sealed class TestLibrary : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly RouteMetrics _metrics = new(null);
    private readonly bool _ownsFolder;

    private TestLibrary(TempFolder folder, bool ownsFolder, MemoryRouteCatalog.Store store)
    {
        _folder = folder;
        _ownsFolder = ownsFolder;
        Store = store;
        Catalog = new MemoryRouteCatalog(store);
        Options = new BitTorrentOptions
        {
            Discovery = { DisableDht = true },
            MetadataFolder = folder.At("metadata"),
            Cache = { Size = 64L << 20 },
            Transport =
            {
                ListenPort = 0,
                BindAddresses = [IPAddress.Loopback],
                DisableLsd = true,
                OutgoingAllow = ["127.0.0.0/8"],
            },
        };
        Session = new TorrentSession(Options, NullLoggerFactory.Instance, TimeProvider.System);
        Manager = new RouteManager(Session, Catalog, folder.Path, Time, _metrics, NullLoggerFactory.Instance);
    }

    internal BitTorrentOptions Options { get; }

    internal FakeTimeProvider Time { get; } = new(Rows.Noon);

    internal MemoryRouteCatalog.Store Store { get; }

    internal MemoryRouteCatalog Catalog { get; }

    internal TorrentSession Session { get; }

    internal RouteManager Manager { get; }

    internal IWritableFileSystem Tree => Manager.Tree;

    internal static async Task<TestLibrary> StartAsync(params ConfiguredRoute[] routes)
    {
        var library = new TestLibrary(new TempFolder(), true, new MemoryRouteCatalog.Store());
        await library.StartCoreAsync(routes);
        return library;
    }

    public async ValueTask DisposeAsync()
    {
        await Manager.DisposeAsync();
        await Session.DisposeAsync();
        _metrics.Dispose();
        if (_ownsFolder)
        {
            _folder.Dispose();
        }
    }

    /// <summary>Stops this one and starts another over the same catalog and folder; dispose both.</summary>
    internal async Task<TestLibrary> RestartAsync(params ConfiguredRoute[] routes)
    {
        await Manager.DisposeAsync();
        await Session.DisposeAsync();
        var next = new TestLibrary(_folder, false, Store);
        await next.StartCoreAsync(routes);
        return next;
    }

    internal Task<WriteResult> PutAsync(string path, byte[] content)
    {
        return Tree.PutAsync(VirtualPath.Parse(path), new MemoryStream(content), CancellationToken.None);
    }

    internal Task<WriteResult> PutAsync(string path, string content)
    {
        return PutAsync(path, Encoding.UTF8.GetBytes(content));
    }

    internal async Task<WriteOutcome> MakeAsync(string path)
    {
        return (await Tree.MakeDirectoryAsync(VirtualPath.Parse(path), CancellationToken.None)).Outcome;
    }

    internal Task<WriteResult> DeleteAsync(string path)
    {
        return Tree.DeleteAsync(VirtualPath.Parse(path), CancellationToken.None);
    }

    internal Task<WriteResult> MoveAsync(string from, string to, bool overwrite = false)
    {
        return Tree.MoveAsync(VirtualPath.Parse(from), VirtualPath.Parse(to), overwrite, CancellationToken.None);
    }

    internal Task<WriteResult> CopyAsync(string from, string to, bool overwrite = false)
    {
        return Tree.CopyAsync(VirtualPath.Parse(from), VirtualPath.Parse(to), overwrite, true, CancellationToken.None);
    }

    internal async Task<FileEntry?> FindAsync(string path)
    {
        return await Tree.FindAsync(VirtualPath.Parse(path), CancellationToken.None);
    }

    internal async Task<string?> ListAsync(string path)
    {
        var listing = await Tree.ListAsync(VirtualPath.Parse(path), CancellationToken.None);
        return listing is null ? null : string.Join(' ', Enumerable.Range(0, listing.Count).Select(i => listing[i].Name));
    }

    private async Task StartCoreAsync(ConfiguredRoute[] routes)
    {
        await Session.StartAsync(CancellationToken.None);
        await Manager.StartAsync(routes, CancellationToken.None);
    }
}
