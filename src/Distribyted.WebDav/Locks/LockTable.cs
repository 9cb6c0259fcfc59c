using System.Net;
using Distribyted.FileSystem;

namespace Distribyted.WebDav.Locks;

/// <summary>All locks, in memory: a restart ends them, as RFC 4918 section 6.6 lets it.</summary>
/// <remarks>Paths are taken in any spelling: all spellings of a name (NFC, NFD) are one lock. Safe for use by many requests at once. Between a check and the write, the write gate keeps locks from changing.</remarks>
internal sealed class LockTable
{
    /// <summary>Most locks at all. Each is a few hundred bytes.</summary>
    public const int MaxLocks = 10_000;

    /// <summary>Most locks of one address.</summary>
    public const int MaxLocksOfAddress = 1_000;

    /// <summary>Most (shared) locks on one thing: each that reaches down is told of every member of a listing.</summary>
    public const int MaxLocksOfRoot = 16;

    private readonly TimeProvider _time;
    private readonly long _start;

    // Guards all fields below.
    private readonly Lock _lock = new();
    private readonly Dictionary<string, DavLock> _byToken = new(StringComparer.Ordinal);
    private readonly Dictionary<VirtualPath, List<DavLock>> _byRoot = [];
    private readonly Dictionary<IPAddress, int> _ofAddress = [];
    private TimeSpan _nextExpiry = TimeSpan.MaxValue;

    /// <summary>No locks.</summary>
    public LockTable(TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();
    }

    /// <summary>The time on a clock that is never set: a lock lasts as long as it was promised.</summary>
    public TimeSpan Now => _time.GetElapsedTime(_start);

    /// <summary>How many locks there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                RemoveExpired();
                return _byToken.Count;
            }
        }
    }

    /// <summary>The locks that lock this path: its own, and those of the folders above that reach down.</summary>
    public IReadOnlyList<DavLock> Covering(VirtualPath path)
    {
        lock (_lock)
        {
            RemoveExpired();
            if (_byToken.Count == 0)
            {
                return [];
            }

            var found = new List<DavLock>();
            for (var at = path.Normalized(); ; at = at.Parent)
            {
                if (_byRoot.TryGetValue(at, out var here))
                {
                    found.AddRange(here.Where(held => held.Covers(path)));
                }

                if (at.IsRoot)
                {
                    return found;
                }
            }
        }
    }

    /// <summary>The locks of what lies below this path; not its own.</summary>
    public IReadOnlyList<DavLock> Below(VirtualPath path)
    {
        path = path.Normalized();
        lock (_lock)
        {
            RemoveExpired();
            return _byToken.Count == 0 ? [] : [.. _byToken.Values.Where(held => held.Root != path && held.Root.StartsWith(path))];
        }
    }

    /// <summary>The lock with this token; null when it is not there (any more).</summary>
    public DavLock? Find(string token)
    {
        lock (_lock)
        {
            RemoveExpired();
            return _byToken.GetValueOrDefault(token);
        }
    }

    /// <summary>Adds a lock. The caller has looked for conflicts, inside the write gate.</summary>
    /// <returns>False: too many locks.</returns>
    public bool TryAdd(DavLock held)
    {
        lock (_lock)
        {
            RemoveExpired();
            var ofAddress = _ofAddress.GetValueOrDefault(held.Address);
            var here = _byRoot.GetValueOrDefault(held.Root);
            if (_byToken.Count >= MaxLocks || ofAddress >= MaxLocksOfAddress || here?.Count >= MaxLocksOfRoot)
            {
                return false;
            }

            _byToken.Add(held.Token, held);
            _ofAddress[held.Address] = ofAddress + 1;
            if (here is null)
            {
                _byRoot.Add(held.Root, here = []);
            }

            here.Add(held);
            _nextExpiry = held.Expires < _nextExpiry ? held.Expires : _nextExpiry;
            return true;
        }
    }

    /// <summary>Gives a lock a new end (RFC 4918 section 9.10.2).</summary>
    /// <returns>The lock as it is now; null when it is gone.</returns>
    public DavLock? Refresh(string token, TimeSpan timeout)
    {
        lock (_lock)
        {
            RemoveExpired();
            if (!_byToken.TryGetValue(token, out var held))
            {
                return null;
            }

            var fresh = held with { Expires = Now + timeout };
            _byToken[token] = fresh;
            var here = _byRoot[held.Root];
            here[here.IndexOf(held)] = fresh;
            _nextExpiry = fresh.Expires < _nextExpiry ? fresh.Expires : _nextExpiry;
            return fresh;
        }
    }

    /// <summary>Ends a lock.</summary>
    public void Remove(string token)
    {
        lock (_lock)
        {
            if (_byToken.TryGetValue(token, out var held))
            {
                Drop(held);
            }
        }
    }

    /// <summary>Ends the locks of everything below a path, and of the path itself if asked: locks end with what they lock (RFC 4918 sections 7.5, 9.6).</summary>
    public void RemoveTree(VirtualPath path, bool itself)
    {
        path = path.Normalized();
        lock (_lock)
        {
            foreach (var held in _byToken.Values.Where(held => held.Root.StartsWith(path) && (itself || held.Root != path)).ToArray())
            {
                Drop(held);
            }
        }
    }

    private void RemoveExpired()
    {
        var now = Now;
        if (now < _nextExpiry)
        {
            return;
        }

        foreach (var held in _byToken.Values.Where(held => held.Expires <= now).ToArray())
        {
            Drop(held);
        }

        _nextExpiry = _byToken.Count == 0 ? TimeSpan.MaxValue : _byToken.Values.Min(held => held.Expires);
    }

    private void Drop(DavLock held)
    {
        _byToken.Remove(held.Token);
        var here = _byRoot[held.Root];
        here.Remove(held);
        if (here.Count == 0)
        {
            _byRoot.Remove(held.Root);
        }

        if (--_ofAddress[held.Address] == 0)
        {
            _ofAddress.Remove(held.Address);
        }
    }
}
