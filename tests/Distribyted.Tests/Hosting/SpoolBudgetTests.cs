using Distribyted.BitTorrent;
using Distribyted.Hosting;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.Tests.Hosting;

[CancelAfter(60_000)]
internal sealed class SpoolBudgetTests
{
    private const long Size = 64L << 20;

    [Test]
    public async Task Half_of_the_cache_is_given_as_far_as_the_disk_has_it(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        var options = new BitTorrentOptions { MetadataFolder = folder.Path };
        options.Cache.Size = Size;
        options.Discovery.PublicPort = 0;
        options.Discovery.DisableDht = true;
        options.Transport.DisableUtp = true;
        await using var session = new TorrentSession(options, NullLoggerFactory.Instance, TimeProvider.System);
        long? free = null;
        var budget = new SpoolBudget(session, new FolderBudget(() => free));
        Assert.That(await budget.ReserveAsync(1, cancellationToken), Is.Null, "the cache is not open");
        await session.StartAsync(cancellationToken);

        var most = await budget.ReserveAsync(Size / 2, cancellationToken);
        var more = await budget.ReserveAsync(1, cancellationToken);
        most!.Dispose();
        most.Dispose();
        free = 0;
        var withoutDisk = await budget.ReserveAsync(1, cancellationToken);
        free = null;

        Assert.That((more, withoutDisk), Is.EqualTo(((IDisposable?)null, (IDisposable?)null)));
        Assert.That(await budget.ReserveAsync(Size / 2, cancellationToken), Is.Not.Null);
    }
}
