using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Distribyted.BitTorrent.Protocol;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Discovery.Tests;

/// <summary>What discovery sees of a torrent, held still by the test.</summary>
internal sealed class FakeSwarm : ISwarmPort
{
    private readonly ConcurrentQueue<PeerEndPoint> _peers = new();
    private readonly SemaphoreSlim _changed = new(0);

    public InfoHash InfoHash { get; init; } = InfoHash.Compute("a torrent"u8);

    public bool HasMetadata { get; set; } = true;

    public bool IsPrivate { get; set; }

    public IReadOnlyList<IReadOnlyList<string>> Trackers { get; set; } = [];

    public OwnPorts Ports { get; set; } = new(42069, 42070, 42071);

    public int WantedPeers { get; set; } = 30;

    public bool IsIdle { get; set; }

    public PeerUrgency Urgency { get; set; } = PeerUrgency.Reader;

    public (long Downloaded, long Uploaded, long Left) Progress { get; set; } = (0, 0, 16384);

    public IReadOnlyCollection<PeerEndPoint> Peers => _peers;

    public ConcurrentQueue<PeerOrigin> Origins { get; } = new();

    public void AddPeers(IReadOnlyList<PeerEndPoint> peers, PeerOrigin origin)
    {
        foreach (var peer in peers)
        {
            Origins.Enqueue(origin);
            _peers.Enqueue(peer);
        }

        _changed.Release();
    }

    public async Task WaitForAsync(
        Func<FakeSwarm, bool> condition,
        CancellationToken cancellationToken,
        [CallerArgumentExpression(nameof(condition))] string what = ""
    )
    {
        while (!condition(this))
        {
            await Waiting.ExplainAsync(
                _changed.WaitAsync(cancellationToken),
                what,
                () => $"peers {string.Join(", ", Peers)}",
                cancellationToken
            );
        }
    }
}
