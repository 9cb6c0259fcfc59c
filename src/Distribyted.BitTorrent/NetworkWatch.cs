using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Distribyted.BitTorrent;

/// <summary>Notices that this machine leaves by another address than before, or again after it could not. Asked once a second, by one thread at a time.</summary>
/// <remarks>The system says when any address changes (a container that starts is enough); then it is asked for a while by which addresses we would
/// leave, which sends nothing.</remarks>
internal sealed class NetworkWatch : IDisposable
{
    private const int LooksPerChange = 5; // routes and IPv6 addresses come seconds after the link

    private readonly Func<IReadOnlyList<IPAddress>> _find;
    private IReadOnlyList<IPAddress> _known;
    private int _looks;

    /// <param name="find">Finds the addresses; null: asks the system.</param>
    public NetworkWatch(Func<IReadOnlyList<IPAddress>>? find = null)
    {
        _find = find ?? OutgoingAddresses;
        _known = _find();
        NetworkChange.NetworkAddressChanged += SystemChanged;
    }

    /// <summary>Whether there are other addresses than at the last call, and at least one.</summary>
    public bool Look()
    {
        if (Volatile.Read(ref _looks) <= 0)
        {
            return false;
        }

        Interlocked.Decrement(ref _looks);
        var found = _find();
        if (found.SequenceEqual(_known))
        {
            return false;
        }

        _known = found;
        return found.Count > 0;
    }

    /// <summary>The system reports a change.</summary>
    public void Changed()
    {
        Volatile.Write(ref _looks, LooksPerChange);
    }

    public void Dispose()
    {
        NetworkChange.NetworkAddressChanged -= SystemChanged;
    }

    private void SystemChanged(object? sender, EventArgs e)
    {
        Changed();
    }

    /// <summary>The source addresses that the system would take for the public internet, at most one of each family.</summary>
    private static List<IPAddress> OutgoingAddresses()
    {
        List<IPAddress> found = [];
        foreach (var somewhere in (IPEndPoint[])[new(new IPAddress([192, 88, 99, 1]), 9), IPEndPoint.Parse("[2001:4860::1]:9")])
        {
            try
            {
                using var socket = new Socket(somewhere.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
                socket.Connect(somewhere);
                found.Add(((IPEndPoint)socket.LocalEndPoint!).Address);
            }
            catch (SocketException)
            {
                // no way out by this family
            }
        }

        return found;
    }
}
