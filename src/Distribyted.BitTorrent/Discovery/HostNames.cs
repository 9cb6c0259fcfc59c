using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Distribyted.BitTorrent.Discovery;

/// <summary>Names to addresses, by the system's resolver. Remembered for a while, because thousands of torrents ask for the same
/// tracker, and a lookup costs a thread for as long as it takes. Safe for use by many threads.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore without a wait handle holds nothing.")]
internal sealed class HostNames
{
    private const int MaxRemembered = 4096;
    private const int MaxLookups = 4; // each blocks a pool thread, for 10 s and more when the name server is gone
    private static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan BadFor = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time;
    private readonly Func<string, Task<IPAddress[]>> _resolve;
    private readonly SemaphoreSlim _lookups = new(MaxLookups, MaxLookups);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.OrdinalIgnoreCase); // guarded by _lock

    /// <param name="time">The clock.</param>
    /// <param name="resolve">Looks one name up; null: the system.</param>
    public HostNames(TimeProvider time, Func<string, Task<IPAddress[]>>? resolve = null)
    {
        _time = time;
        _resolve = resolve ?? Dns.GetHostAddressesAsync;
    }

    /// <summary>The addresses of a host; an address is its own.</summary>
    /// <exception cref="SocketException">There is no such host, or nobody knows.</exception>
    public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address))
        {
            return Task.FromResult<IPAddress[]>([address]);
        }

        Task<IPAddress[]> lookup;
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            if (!_entries.TryGetValue(host, out var entry) || entry.IsStale(_time, now))
            {
                if (_entries.Count >= MaxRemembered)
                {
                    _entries.Clear();
                }

                entry = new Entry(LookUpAsync(host), now);
                _entries[host] = entry;
            }

            lookup = entry.Lookup;
        }

        return lookup.WaitAsync(cancellationToken);
    }

    private async Task<IPAddress[]> LookUpAsync(string host)
    {
        await _lookups.WaitAsync(CancellationToken.None);
        try
        {
            return await _resolve(host);
        }
        finally
        {
            _lookups.Release();
        }
    }

    private sealed record Entry(Task<IPAddress[]> Lookup, long Since)
    {
        public bool IsStale(TimeProvider time, long now)
        {
            var age = time.GetElapsedTime(Since, now);
            return Lookup.IsCompleted && age > (Lookup.IsCompletedSuccessfully ? GoodFor : BadFor);
        }
    }
}
