using System.Diagnostics;
using Distribyted.BitTorrent.Storage.Telemetry;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Whether the disk takes bytes. After an error nothing new is allocated on it until the next try, a minute later.</summary>
internal sealed class DiskState : IAsyncDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(60);

    private readonly Lock _lock;
    private readonly CacheIndex _index;
    private readonly ILogger _logger;
    private readonly ITimer _retry;

    // Guarded by _lock.
    private bool _isFull;
    private bool _isFullLogged;

    /// <param name="lock">The cache's.</param>
    /// <param name="index">The cache's; it stops growing.</param>
    /// <param name="time">For the next try.</param>
    /// <param name="logger">Told of the first error and of the first success after it.</param>
    /// <param name="retry">The next try; called without the lock.</param>
    public DiskState(Lock @lock, CacheIndex index, TimeProvider time, ILogger logger, Action retry)
    {
        _lock = @lock;
        _index = index;
        _logger = logger;
        _retry = Background.CreateTimer(time, "disk timer of the piece cache", logger, retry);
    }

    /// <summary>Whether the disk refused bytes since the last try.</summary>
    public bool IsFull
    {
        get
        {
            Debug.Assert(_lock.IsHeldByCurrentThread);
            return _isFull;
        }
    }

    /// <summary>The disk refused bytes: stops growing and arms the timer of the next try.</summary>
    public void Refused(string reason)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        _index.GrowthStopped = true;
        if (_isFull)
        {
            return;
        }

        _isFull = true;
        if (!_isFullLogged)
        {
            _isFullLogged = true;
            _logger.DiskFull(reason);
        }

        if (!_index.IsClosed)
        {
            _retry.Change(RetryAfter, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Pieces go to the disk again; whether it takes them is seen with the first.</summary>
    public void BeginRetry()
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        _isFull = false;
    }

    /// <summary>The disk took bytes.</summary>
    public void Accepted()
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        if (_isFullLogged && !_isFull)
        {
            _isFullLogged = false;
            _logger.DiskAcceptsWrites();
        }
    }

    public ValueTask DisposeAsync()
    {
        return _retry.DisposeAsync();
    }
}
