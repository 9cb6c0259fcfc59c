namespace Distribyted.BitTorrent.Discovery.Tests;

/// <summary>A source of peers that finds none and writes down what it is told.</summary>
internal sealed class FakeSource(PeerOrigin origin) : IPeerSource
{
    public PeerOrigin Origin { get; } = origin;

    public string? Trouble { get; set; }

    public List<string> Calls { get; } = [];

    public void Start()
    {
        Calls.Add("start");
    }

    public void WantPeers()
    {
        Calls.Add("want");
    }

    public void Changed(SwarmChange change)
    {
        Calls.Add(change.ToString());
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Calls.Add("stop");
        return Task.CompletedTask;
    }
}
