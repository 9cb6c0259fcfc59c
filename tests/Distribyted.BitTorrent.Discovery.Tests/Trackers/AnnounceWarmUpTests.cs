using Distribyted.BitTorrent.Discovery.Trackers;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers;

internal sealed class AnnounceWarmUpTests
{
    [Test]
    public async Task It_goes_all_the_way_to_a_peer()
    {
        Assert.That(await AnnounceWarmUp.RunAsync(CancellationToken.None), Is.True);
    }
}
