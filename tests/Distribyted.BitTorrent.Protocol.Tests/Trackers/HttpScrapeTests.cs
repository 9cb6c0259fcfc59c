using Distribyted.BitTorrent.Protocol.Trackers;

namespace Distribyted.BitTorrent.Protocol.Tests.Trackers;

public sealed class HttpScrapeTests
{
    private static readonly byte[] Hash = Convert.FromHexString("123456789abcdef123456789abcdef123456789a");
    private static readonly InfoHash Torrent = new(Hash);

    [TestCase("http://a/announce", "http://a/scrape?info_hash=")]
    [TestCase("http://a/x/announce", "http://a/x/scrape?info_hash=")]
    [TestCase("http://a/announce.php", "http://a/scrape.php?info_hash=")]
    [TestCase("http://a/announce?x2%0644", "http://a/scrape?x2%0644&info_hash=")]
    [TestCase("https://a:8443/announce?passkey=s3cret", "https://a:8443/scrape?passkey=s3cret&info_hash=")]
    [TestCase("http://user:word@a/announce", "http://a/scrape?info_hash=")]
    public void The_address_is_that_of_announces_with_another_word(string tracker, string start)
    {
        Assert.That(HttpScrape.TryBuildUri(new Uri(tracker), Torrent, out var uri), Is.True);
        Assert.That(uri!.AbsoluteUri, Is.EqualTo(start + "%124Vx%9A%BC%DE%F1%23Eg%89%AB%CD%EF%124Vx%9A"));
    }

    [TestCase("http://a/a")]
    [TestCase("http://a/")]
    [TestCase("http://a/x%064announce")]
    public void A_tracker_of_another_address_cannot_be_scraped(string tracker)
    {
        Assert.That(HttpScrape.TryBuildUri(new Uri(tracker), Torrent, out _), Is.False);
    }

    [Test]
    public void The_counts_of_the_torrent_are_read_among_others()
    {
        byte[] body =
        [
            .. "d5:filesd20:"u8,
            .. new byte[20],
            .. "d8:completei1e10:downloadedi2e10:incompletei3ee20:"u8,
            .. Hash,
            .. "d8:completei5e10:downloadedi50e10:incompletei10eee5:flagsd20:min_request_intervali900eee"u8,
        ];

        Assert.That(HttpScrape.Parse(body, Torrent), Is.EqualTo(new ScrapeCounts(5, 10)));
    }

    [TestCase("d8:completei5ee")]
    [TestCase("d10:incompletei5ee")]
    [TestCase("d8:completei-5e10:incompletei5ee")]
    [TestCase("d8:completei99999999999e10:incompletei5ee")]
    [TestCase("d8:complete1:510:incompletei5ee")]
    [TestCase("i5e")]
    public void Half_counts_and_nonsense_are_no_counts(string file)
    {
        byte[] body = [.. "d5:filesd20:"u8, .. Hash, .. Fuzz.Ascii(file), .. "ee"u8];

        Assert.That(HttpScrape.Parse(body, Torrent), Is.Null);
    }

    [TestCase("d14:failure reason2:noe")]
    [TestCase("d5:filesdee")]
    [TestCase("d5:filesi5ee")]
    [TestCase("de")]
    public void An_answer_without_the_torrent_has_no_counts(string body)
    {
        Assert.That(HttpScrape.Parse(Fuzz.Ascii(body), Torrent), Is.Null);
    }

    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        byte[] good = [.. "d5:filesd20:"u8, .. Hash, .. "d8:completei5e10:incompletei10eeee"u8];

        Fuzz.EveryTextIsReadOrRefused(
            bytes => HttpScrape.Parse(bytes, Torrent),
            [good],
            ["files", "complete", "incomplete", "failure reason"]
        );
    }
}
