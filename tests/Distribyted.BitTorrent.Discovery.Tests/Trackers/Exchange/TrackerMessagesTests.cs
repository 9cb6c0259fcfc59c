using Distribyted.BitTorrent.Discovery.Trackers.Exchange;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers.Exchange;

/// <summary>What can be asked at all.</summary>
internal sealed class TrackerMessagesTests
{
    private const string Label = "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghij.";

    [TestCase("http://tracker.example/announce")]
    [TestCase(" udp://tracker.example:80 ")]
    [TestCase("https://\u00FCber.example/announce")]
    [TestCase("http://[2001:db8::1]:6969/announce")]
    [TestCase("http://" + Label + Label + Label + Label + "example/announce")]
    public void A_tracker_can_be_asked(string url)
    {
        Assert.That(TrackerMessages.Usable(url), Is.Not.Null);
    }

    [TestCase("wss://tracker.example/announce")]
    [TestCase("udp://tracker.example")]
    [TestCase("/announce")]
    [TestCase("http://\uFFFDtracker.example/announce")]
    [TestCase("http://\uE000/announce")]
    [TestCase("udp://\uE000:80/announce")]
    [TestCase("http://" + Label + Label + Label + Label + Label + Label + "example/announce")]
    public void What_cannot_be_asked_is_left_out(string url)
    {
        Assert.That(TrackerMessages.Usable(url), Is.Null);
    }
}
