using System.Collections.Concurrent;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Discovery.Tests;

/// <summary>What discovery sees of a torrent, held still by the test.</summary>
internal sealed class FakeSwarm : ISwarmPort
{
    private readonly ConcurrentQueue<PeerEndPoint> _peers = new();
    private readonly ConcurrentQueue<string?> _said = new();
    private readonly SemaphoreSlim _changed = new(0);

    public InfoHash InfoHash { get; init; } = InfoHash.Compute("a torrent"u8);

    public int WantedPeers { get; set; } = 30;

    public AnnounceUrgency Urgency { get; set; } = AnnounceUrgency.Reader;

    public (long Downloaded, long Uploaded, long Left) Progress { get; set; } = (0, 0, 16384);

    public IReadOnlyCollection<PeerEndPoint> Peers => _peers;

    public IReadOnlyCollection<string?> Said => _said;

    public void AddPeers(IReadOnlyList<PeerEndPoint> peers, PeerOrigin origin)
    {
        foreach (var peer in peers)
        {
            _peers.Enqueue(peer);
        }

        _changed.Release();
    }

    public void TrackerSaid(string? trouble)
    {
        _said.Enqueue(trouble);
        _changed.Release();
    }

    public async Task WaitForAsync(Func<FakeSwarm, bool> condition, CancellationToken cancellationToken)
    {
        while (!condition(this))
        {
            await _changed.WaitAsync(cancellationToken);
        }
    }
}
