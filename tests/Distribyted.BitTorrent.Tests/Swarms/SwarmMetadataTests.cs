using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

internal sealed class SwarmMetadataTests
{
    [Test]
    public async Task When_the_pieces_cannot_be_opened_the_metadata_can_be_given_again()
    {
        var content = new TestContent(1.MiB(), 64.KiB());
        await using var stand = new SwarmStand(pieces: 0);
        var torrent = TestTorrent.Of(new TorrentSource(content.Info.InfoHash, "content", [], []), hasMetadata: true);
        await using var swarm = new Swarm(torrent, stand.Services);
        using var pieces = new PiecesInMemory();

        Assert.That(() => swarm.UseMetadata(content.Info, static _ => throw new IOException("for the test")), Throws.TypeOf<IOException>());
        Assert.That(swarm.HasMetadata, Is.False);
        Assert.That(swarm.Readers.TryOpen(0, 1, 0, null, "test"), Is.Null);

        swarm.UseMetadata(content.Info, _ => pieces);

        Assert.That(swarm.HasMetadata);
        await using var reader = swarm.Readers.TryOpen(0, 1, 0, null, "test");
        Assert.That(reader, Is.Not.Null);
    }
}
