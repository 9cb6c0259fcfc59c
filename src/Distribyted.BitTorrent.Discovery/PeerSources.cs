using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Discovery;

/// <summary>All sources of peers of one torrent. The one place where a private torrent (BEP 27) loses the sources that it may not have.
/// Safe for use by many threads; starts and stops once.</summary>
public sealed class PeerSources
{
    private readonly ISwarmPort _port;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private IReadOnlyList<IPeerSource> _sources = []; // replaced, never changed; written under _lock
    private int _kinds; // how many factories were asked; guarded by _lock
    private bool _isStarted; // guarded by _lock
    private bool _isStopped; // guarded by _lock

    /// <param name="port">The torrent.</param>
    /// <param name="factories">The kinds of sources there are.</param>
    /// <param name="logger">For errors that are not expected.</param>
    public PeerSources(ISwarmPort port, IReadOnlyList<PeerSourceFactory> factories, ILogger logger)
    {
        _logger = logger;
        _port = port;
        Grow(factories);
    }

    /// <summary>The sources that look for peers now.</summary>
    public IReadOnlyList<IPeerSource> All => Volatile.Read(ref _sources);

    /// <summary>Why no source finds peers, to be shown to a user; null: one of them works, or nothing is known yet.</summary>
    public string? Trouble
    {
        get
        {
            var sources = Volatile.Read(ref _sources);
            string? first = null;
            foreach (var source in sources)
            {
                if (source.Trouble is not { } trouble)
                {
                    return null;
                }

                first ??= trouble;
            }

            return first;
        }
    }

    /// <summary>How many peers the torrent has in the world, by the source that knows most; null: none counts them.</summary>
    public SwarmSize? Size
    {
        get
        {
            SwarmSize? size = null;
            foreach (var source in Volatile.Read(ref _sources))
            {
                size = SwarmSize.Larger(size, source.Size);
            }

            return size;
        }
    }

    /// <summary>Makes sources of the kinds that are new, and starts them if the others were started.</summary>
    /// <param name="factories">Those of the last call, and new ones at the end.</param>
    public void Grow(IReadOnlyList<PeerSourceFactory> factories)
    {
        IReadOnlyList<IPeerSource> added;
        bool isStarted;
        lock (_lock)
        {
            if (_isStopped)
            {
                return;
            }

            var isPrivate = _port.IsPrivate;
            added = [.. factories.Skip(_kinds).Select(make => make(_port)).Where(source => source.Origin.IsAllowed(isPrivate))];
            _kinds = Math.Max(_kinds, factories.Count);
            Volatile.Write(ref _sources, [.. _sources, .. added]);
            isStarted = _isStarted;
        }

        if (isStarted)
        {
            foreach (var source in added)
            {
                source.Start();
            }
        }
    }

    /// <inheritdoc cref="IPeerSource.Start"/>
    public void Start()
    {
        lock (_lock)
        {
            _isStarted = true;
        }

        foreach (var source in Volatile.Read(ref _sources))
        {
            source.Start();
        }
    }

    /// <inheritdoc cref="IPeerSource.WantPeers"/>
    public void WantPeers()
    {
        foreach (var source in Volatile.Read(ref _sources))
        {
            source.WantPeers();
        }
    }

    /// <inheritdoc cref="IPeerSource.Changed"/>
    public void Changed(SwarmChange change)
    {
        if (_port.IsPrivate)
        {
            StopForbidden();
        }

        foreach (var source in Volatile.Read(ref _sources))
        {
            source.Changed(change);
        }
    }

    /// <inheritdoc cref="IPeerSource.StopAsync"/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _isStopped = true; // a source that is added during the end would stay
        }

        return Task.WhenAll(Volatile.Read(ref _sources).Select(source => source.StopAsync(cancellationToken)));
    }

    /// <summary>The metadata of a magnet shows that the torrent is private: sources that it may not have are stopped.</summary>
    private void StopForbidden()
    {
        List<IPeerSource> forbidden;
        lock (_lock)
        {
            forbidden = [.. _sources.Where(static source => !source.Origin.IsAllowed(isPrivate: true))];
            if (forbidden.Count > 0)
            {
                Volatile.Write(ref _sources, [.. _sources.Except(forbidden)]);
            }
        }

        foreach (var source in forbidden)
        {
            Background.Forget("end of a source of peers", _logger, source.StopAsync(CancellationToken.None));
        }
    }
}
