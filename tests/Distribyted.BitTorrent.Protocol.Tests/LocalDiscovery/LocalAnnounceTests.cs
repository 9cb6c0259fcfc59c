using System.Text;
using Distribyted.BitTorrent.Protocol.LocalDiscovery;

namespace Distribyted.BitTorrent.Protocol.Tests.LocalDiscovery;

internal sealed class LocalAnnounceTests
{
    private const string Hash = "0123456789abcdef0123456789abcdef01234567";
    private const string Group = "239.192.152.143:6771";

    // As the text of BEP 14 has it.
    private const string Good = $"BT-SEARCH * HTTP/1.1\r\nHost: {Group}\r\nPort: 6881\r\nInfohash: {Hash}\r\ncookie: d34db33f\r\n\r\n\r\n";

    [Test]
    public void An_announce_is_read()
    {
        var announce = Read(Good);

        Assert.That(announce.Port, Is.EqualTo(6881));
        Assert.That(announce.InfoHashes.Single().ToString(), Is.EqualTo(Hash));
        Assert.That(announce.Cookie, Is.EqualTo("d34db33f"));
    }

    [TestCase("BT-SEARCH * HTTP/1.1\nPORT:1\nINFOHASH:0123456789ABCDEF0123456789ABCDEF01234567\n\n")]
    [TestCase($"BT-SEARCH * HTTP/1.0\r\nInfohash: {Hash}\r\nX: y\r\nPort: 1")]
    [TestCase($"BT-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: nonsense\r\nInfohash:  {Hash}  \r\n\r\n")]
    public void Odd_but_clear_announces_are_read(string text)
    {
        var announce = Read(text);

        Assert.That(announce.Port, Is.EqualTo(1));
        Assert.That(announce.InfoHashes.Single().ToString(), Is.EqualTo(Hash));
        Assert.That(announce.Cookie, Is.Empty);
    }

    [TestCase("")]
    [TestCase("GET / HTTP/1.1\r\n\r\n")]
    [TestCase($"BT-SEARCH * HTTP/1.1\r\nInfohash: {Hash}\r\n\r\n")]
    [TestCase("BT-SEARCH * HTTP/1.1\r\nPort: 6881\r\n\r\n")]
    [TestCase($"BT-SEARCH * HTTP/1.1\r\nPort: 0\r\nInfohash: {Hash}\r\n\r\n")]
    [TestCase($"BT-SEARCH * HTTP/1.1\r\nPort: 65536\r\nInfohash: {Hash}\r\n\r\n")]
    [TestCase($"BT-SEARCH * HTTP/1.1\r\nPort: -1\r\nInfohash: {Hash}\r\n\r\n")]
    [TestCase("BT-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: 0123\r\n\r\n")]
    public void What_is_none_is_refused(string text)
    {
        Assert.That(() => Read(text), Throws.InstanceOf<ProtocolException>());
    }

    [Test]
    public void What_is_longer_than_the_standard_allows_is_refused()
    {
        var text = Good.Replace("\r\n\r\n\r\n", "\r\nX: " + new string('x', 1400) + "\r\n\r\n\r\n", StringComparison.Ordinal);

        Assert.That(() => Read(text), Throws.InstanceOf<ProtocolException>());
    }

    [Test]
    public void The_most_torrents_fit_and_are_read_again([Values(Group, "[ff15::efc0:988f]:6771")] string group)
    {
        InfoHash[] hashes = [.. Enumerable.Range(0, LocalAnnounce.MaxInfoHashes).Select(static i => InfoHash.Compute([(byte)i]))];

        var bytes = new LocalAnnounce(65535, hashes, new string('c', 64)).Write(group);

        Assert.That(bytes, Has.Length.LessThanOrEqualTo(LocalAnnounce.MaxLength));
        var read = LocalAnnounce.Read(bytes);
        Assert.That(read.Port, Is.EqualTo(65535));
        Assert.That(read.InfoHashes, Is.EqualTo(hashes));
        Assert.That(read.Cookie, Is.EqualTo(new string('c', 64)));
        Assert.That(Encoding.ASCII.GetString(bytes), Does.StartWith($"BT-SEARCH * HTTP/1.1\r\nHost: {group}\r\nPort: 65535\r\nInfohash: "));
        Assert.That(Encoding.ASCII.GetString(bytes), Does.EndWith("\r\n\r\n\r\n"));
    }

    [Test]
    public void More_than_fits_is_our_own_mistake()
    {
        var hashes = new InfoHash[LocalAnnounce.MaxInfoHashes + 1];

        Assert.That(() => new LocalAnnounce(1, hashes, "").Write(Group), Throws.InvalidOperationException);
        Assert.That(() => new LocalAnnounce(1, [default], new string('c', 65)).Write(Group), Throws.InvalidOperationException);
    }

    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        Fuzz.EveryTextIsReadOrRefused(
            static bytes => LocalAnnounce.Read(bytes),
            [Encoding.ASCII.GetBytes(Good)],
            ["BT-SEARCH * HTTP/1.1\r\n", "Port: ", "Infohash: ", "cookie: ", "\r\n", ":", Hash]
        );
    }

    private static LocalAnnounce Read(string text)
    {
        return LocalAnnounce.Read(Encoding.Latin1.GetBytes(text));
    }
}
