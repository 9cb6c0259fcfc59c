using System.Net;
using Distribyted.Platform;
using Distribyted.Telemetry;

namespace Distribyted.Hosting;

/// <summary>Counts the connections of all listeners. Beyond what the system has files for they are cut as they are accepted, before TLS and before
/// anything is read; one address gets half of that, so that one client cannot use up all of them.</summary>
/// <remarks>An IPv6 address counts by its /64: one line has that many. Safe for use by many threads.</remarks>
internal sealed class ConnectionGate(int most, TimeProvider time, ILogger<ConnectionGate> logger)
{
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1); // many refusals are logged once a minute

    private readonly long _start = time.GetTimestamp();

    // _gate guards all below.
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _addresses = [];
    private int _open;
    private TimeSpan _silentUntil;

    /// <summary>Connections right now.</summary>
    public int Open
    {
        get
        {
            lock (_gate)
            {
                return _open;
            }
        }
    }

    /// <summary>Counts one more; false: it is one too many.</summary>
    public bool TryEnter(IPAddress? address)
    {
        var key = ClientAddress.Of(address);
        bool isLogged;
        lock (_gate)
        {
            var mine = _addresses.GetValueOrDefault(key);
            if (_open < most && mine < Math.Max(1, most / 2))
            {
                _open++;
                _addresses[key] = mine + 1;
                return true;
            }

            var now = time.GetElapsedTime(_start);
            isLogged = now < _silentUntil;
            _silentUntil = isLogged ? _silentUntil : now + Silence;
        }

        if (!isLogged)
        {
            logger.ConnectionRefused(key.ToString(), most);
        }

        return false;
    }

    /// <summary>One that came in has gone.</summary>
    public void Leave(IPAddress? address)
    {
        var key = ClientAddress.Of(address);
        lock (_gate)
        {
            _open--;
            if (--_addresses[key] == 0)
            {
                _addresses.Remove(key);
            }
        }
    }
}
