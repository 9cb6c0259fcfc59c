using System.Net;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Storage.Metainfo;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Storage.Tests.Metainfo;

[TestFixture, CancelAfter(60_000)]
internal sealed class MetainfoStoreTests : StorageFixture
{
    private readonly TestContent _content = new(100_000, 16384);

    [Test]
    public async Task What_is_saved_is_known_and_read_after_a_restart(CancellationToken cancellationToken)
    {
        var hash = _content.Info.InfoHash;
        PeerEndPoint[] peers = [new(IPAddress.Parse("10.1.2.3"), 6881), new(IPAddress.Parse("2001:db8::7"), 51413)];
        var first = MetainfoStore.Open(Folder);
        Assert.That(first.Exists(hash), Is.False);
        Assert.That(await first.LoadAsync(hash, cancellationToken), Is.Null);
        await first.SaveAsync(
            new MetainfoFile(
                _content.Info,
                [
                    ["http://tracker.example/announce"],
                ],
                [],
                null,
                null
            ),
            cancellationToken
        );
        await first.SavePeersAsync(hash, peers, cancellationToken);

        var again = MetainfoStore.Open(Folder);
        var file = await again.LoadAsync(hash, cancellationToken);

        Assert.That(again.Exists(hash));
        Assert.That(file!.Info.Bytes.ToArray(), Is.EqualTo(_content.Info.Bytes.ToArray()));
        Assert.That(file.Trackers, Is.EqualTo(new[] { new[] { "http://tracker.example/announce" } }));
        Assert.That(await again.LoadPeersAsync(hash, cancellationToken), Is.EqualTo(peers));
        again.Delete(hash);
        Assert.That(again.Exists(hash), Is.False);
        Assert.That(Directory.EnumerateFiles(Path.Combine(Folder, "metainfo")), Is.Empty);
    }

    [Test]
    public async Task Damage_is_found_and_the_metadata_counts_as_missing(CancellationToken cancellationToken)
    {
        var hash = _content.Info.InfoHash;
        await MetainfoStore.Open(Folder).SaveAsync(new MetainfoFile(_content.Info, [], [], null, null), cancellationToken);
        var path = Path.Combine(Folder, "metainfo", hash + ".torrent");
        var bytes = await File.ReadAllBytesAsync(path, cancellationToken);
        bytes[^30] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, cancellationToken);
        await File.WriteAllTextAsync(path + ".5.tmp", "torn", cancellationToken);

        var store = MetainfoStore.Open(Folder);

        Assert.That(store.Exists(hash));
        Assert.That(await store.LoadAsync(hash, cancellationToken), Is.Null);
        Assert.That(store.Exists(hash), Is.False);
        Assert.That(Directory.EnumerateFiles(Path.Combine(Folder, "metainfo")), Is.Empty);
    }

    [Test]
    public void Ten_thousand_torrents_are_known_from_their_names_alone()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "metainfo"));
        for (var i = 0; i < 10_000; i++)
        {
            File.Create(Path.Combine(Folder, "metainfo", $"{i:x40}.torrent")).Dispose();
        }

        Assert.That(MetainfoStore.Open(Folder).All.Count(), Is.EqualTo(10_000));
    }
}
