using System.Net;
using System.Net.Sockets;

namespace Distribyted.Http.Authentication;

/// <summary>Back-off after wrong passwords, for each address and user name, known or not.</summary>
/// <remarks>The first <see cref="HttpAccessOptions.MaxFailures"/> cost nothing and a right password forgets them; each one after that doubles the time in which
/// nothing is looked at. An IPv6 address counts by its /64: one line has that many. Bounded: the entry that failed longest ago makes room, one that is not locked out before one that is.</remarks>
internal sealed class LockOut
{
    /// <summary>Most entries.</summary>
    public const int Capacity = 4096;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    private readonly HttpAccessOptions _options;
    private readonly TimeProvider _time;

    // _gate guards all below; the list is ordered by the last failure, oldest first.
    private readonly Lock _gate = new();
    private readonly Dictionary<(IPAddress Address, string User), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _order = [];

    public LockOut(HttpAccessOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
    }

    /// <summary>Entries right now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>How long this user has to wait at this address; zero: come in.</summary>
    public TimeSpan Wait(IPAddress? address, string user)
    {
        lock (_gate)
        {
            if (_entries.Count == 0 || !_entries.TryGetValue(Key(address, user), out var node))
            {
                return TimeSpan.Zero;
            }

            var wait = node.Value.Until - _time.GetUtcNow();
            return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        }
    }

    /// <summary>A wrong password.</summary>
    /// <returns>How many in a row, and how long to wait now (zero: not at all).</returns>
    public (int Failures, TimeSpan Wait) Fail(IPAddress? address, string user)
    {
        if (_options.MaxFailures <= 0)
        {
            return (0, TimeSpan.Zero);
        }

        var key = Key(address, user);
        var now = _time.GetUtcNow();
        lock (_gate)
        {
            if (_entries.Remove(key, out var node))
            {
                _order.Remove(node);
            }
            else
            {
                MakeRoom(now);
                node = new LinkedListNode<Entry>(new Entry(key));
            }

            var entry = node.Value;

            // Who has been quiet for long enough starts anew; else a typo a week would add up.
            entry.Failures = now - entry.Last > Forget(entry) ? 1 : entry.Failures + 1;
            entry.Last = now;
            var wait = BackOff(entry.Failures);
            entry.Until = now + wait;
            _entries.Add(key, node);
            _order.AddLast(node);
            return (entry.Failures, wait);
        }
    }

    /// <summary>The right password: all is forgotten.</summary>
    public void Succeed(IPAddress? address, string user)
    {
        lock (_gate)
        {
            if (_entries.Count > 0 && _entries.Remove(Key(address, user), out var node))
            {
                _order.Remove(node);
            }
        }
    }

    // 10 wrong ones are free of charge; the 10th starts the first back-off, the 11th doubles it.
    private TimeSpan BackOff(int failures)
    {
        var over = failures - _options.MaxFailures;
        if (over < 0)
        {
            return TimeSpan.Zero;
        }

        var most = _options.Lockout > Longest ? _options.Lockout : Longest;
        return over > 20 ? most : TimeSpan.FromTicks(Math.Min(most.Ticks, _options.Lockout.Ticks << over));
    }

    private static TimeSpan Forget(Entry entry)
    {
        return (entry.Until - entry.Last) + TimeSpan.FromHours(1);
    }

    private void MakeRoom(DateTimeOffset now)
    {
        if (_entries.Count < Capacity)
        {
            return;
        }

        var victim = _order.First!;
        var looked = 0;
        for (var node = _order.First; node is not null && looked < 16; node = node.Next, looked++)
        {
            if (node.Value.Until <= now)
            {
                victim = node;
                break;
            }
        }

        _order.Remove(victim);
        _entries.Remove(victim.Value.Key);
    }

    private static (IPAddress Address, string User) Key(IPAddress? address, string user)
    {
        if (address is null)
        {
            return (IPAddress.None, user);
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return (address.MapToIPv4(), user);
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return (address, user);
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return (new IPAddress(bytes), user);
    }

    private sealed class Entry((IPAddress Address, string User) key)
    {
        public (IPAddress Address, string User) Key { get; } = key;

        public int Failures { get; set; }

        public DateTimeOffset Last { get; set; }

        public DateTimeOffset Until { get; set; }
    }
}
