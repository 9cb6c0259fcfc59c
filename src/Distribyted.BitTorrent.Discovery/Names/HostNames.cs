using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Discovery.Names;

/// <summary>Resolves host names by the system's resolver, and caches the addresses: thousands of torrents ask for the same tracker. A name whose
/// lookup is not answered delays no other. Safe for use by many threads.</summary>
public sealed class HostNames : IDisposable
{
    private const int MaxRemembered = 4096;
    private static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan BadFor = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan UnansweredFor = TimeSpan.FromSeconds(5); // no name server: our own line may be down
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PatienceIfKnown = TimeSpan.FromSeconds(0.5);

    private readonly TimeProvider _time;
    private readonly NameLookups _lookups;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.OrdinalIgnoreCase); // guarded by _lock

    /// <param name="time">The clock.</param>
    /// <param name="resolve">Looks one name up; null: the system.</param>
    /// <param name="logger">For errors that are not expected.</param>
    public HostNames(TimeProvider time, Func<string, Task<IPAddress[]>>? resolve = null, ILogger? logger = null)
    {
        _time = time;
        _lookups = new NameLookups(time, resolve ?? ResolveOnOwnThread, logger);
    }

    /// <summary>The addresses of a host; an address is its own. A name whose addresses are old is looked up again, but answered from
    /// memory when that takes long (RFC 8767).</summary>
    /// <exception cref="SocketException">There is no such host, or no name server answered within 10 s.</exception>
    public async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (AddressOf(host) is { } address)
        {
            return [address];
        }

        var entry = Find(host);
        try
        {
            return await entry.Lookup.WaitAsync(entry.Known is null ? Patience : PatienceIfKnown, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return entry.Known ?? throw new SocketException((int)SocketError.TryAgain);
        }
        catch (SocketException) when (entry.Known is not null)
        {
            return entry.Known;
        }
    }

    /// <summary>Whether a host's addresses, or that it has none, can be told without waiting. If not, looking them up has begun.</summary>
    public bool IsResolved(string host)
    {
        return AddressOf(host) is not null || Find(host) is { Known: not null } or { Lookup.IsCompleted: true };
    }

    /// <summary>Forgets which names have no address: our network has changed.</summary>
    public void ForgetFailures()
    {
        lock (_lock)
        {
            foreach (var (host, entry) in _entries)
            {
                if (entry.Known is null && (entry.HasFailed || !entry.Lookup.IsCompleted))
                {
                    _entries.Remove(host);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lookups.Dispose();
    }

    private Entry Find(string host)
    {
        lock (_lock)
        {
            var isNew = !_entries.TryGetValue(host, out var entry);
            if (isNew && _entries.Count >= MaxRemembered)
            {
                _entries.Clear();
            }

            if (isNew || entry!.IsOld(_time))
            {
                entry = new Entry(_lookups.RunAsync(host, mayWait: entry?.HasFailed == true), _time.GetTimestamp(), entry?.Known);
                _entries[host] = entry;
            }

            return entry;
        }
    }

    private static IPAddress? AddressOf(string host)
    {
        return IPAddress.TryParse(host.Trim('[', ']'), out var address) ? address : null;
    }

    /// <summary>The system's resolver blocks its thread for as long as name servers take, 10 s and more when they are gone; of the pool it
    /// would take all threads.</summary>
    private static Task<IPAddress[]> ResolveOnOwnThread(string host)
    {
        var done = new TaskCompletionSource<IPAddress[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(
            () =>
            {
                try
                {
                    done.SetResult(Dns.GetHostAddresses(host));
                }
                catch (Exception e) // whatever it is, the caller hears of it
                {
                    done.SetException(e);
                }
            },
            maxStackSize: 256 * 1024
        )
        {
            IsBackground = true,
            Name = "name lookup",
        };
        thread.Start();
        return done.Task;
    }

    /// <summary>What is known of a name.</summary>
    private sealed class Entry
    {
        private readonly long _since;
        private volatile IPAddress[]? _known;

        /// <param name="lookup">Under way.</param>
        /// <param name="since">When it began; a timestamp.</param>
        /// <param name="before">Addresses by an older lookup, good until this one brings others.</param>
        public Entry(Task<IPAddress[]> lookup, long since, IPAddress[]? before)
        {
            Lookup = lookup;
            _since = since;
            _known = before;
            _ = KeepAsync();
        }

        public Task<IPAddress[]> Lookup { get; }

        public bool HasFailed => Lookup.IsFaulted;

        /// <summary>A name that had addresses keeps them while no name server answers: those fail more often than addresses change.</summary>
        public IPAddress[]? Known => _known;

        private bool IsUnanswered => Lookup.Exception?.InnerException is SocketException { SocketErrorCode: SocketError.TryAgain };

        public bool IsOld(TimeProvider time)
        {
            var goodFor =
                !HasFailed ? GoodFor
                : IsUnanswered ? UnansweredFor
                : BadFor;
            return Lookup.IsCompleted && time.GetElapsedTime(_since) > goodFor;
        }

        private async Task KeepAsync()
        {
            try
            {
                _known = await Lookup;
            }
            catch (Exception)
            {
                _known = IsUnanswered ? _known : null; // callers get the error from the lookup
            }
        }
    }
}
