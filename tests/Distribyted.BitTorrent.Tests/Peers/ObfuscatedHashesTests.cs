using System.Security.Cryptography;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Tests.Peers;

internal sealed class ObfuscatedHashesTests
{
    [Test]
    public void A_torrent_is_found_while_it_is_here()
    {
        var hashes = new ObfuscatedHashes();
        var torrents = Enumerable.Range(0, 10_000).Select(static i => InfoHash.Compute(BitConverter.GetBytes(i))).ToList();
        torrents.ForEach(hashes.Add);
        var name = new InfoHash(SHA1.HashData([.. "req2"u8, .. torrents[5_000].ToArray()]));
        Assert.That(hashes.Reveal(name), Is.EqualTo(torrents[5_000]));

        hashes.Remove(torrents[5_000]);

        Assert.That(hashes.Reveal(name), Is.Null);
        Assert.That(hashes.Count, Is.EqualTo(9_999));
        Assert.That(hashes.Reveal(torrents[0]), Is.Null, "the info hash itself is no name");
    }
}
