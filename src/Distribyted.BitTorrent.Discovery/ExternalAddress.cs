using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Transport;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Discovery;

/// <summary>The address that others see us at, by vote: trackers tell it (BEP 24), peers (<c>yourip</c>, BEP 10), DHT nodes (BEP 42) and routers that map our port. One of them may
/// be wrong or lie, so that each has one vote, and an address counts when more than half of the voters of its family agree. Safe for use by many threads.</summary>
public sealed class ExternalAddress
{
    /// <summary>Most voters of a family that are remembered; the oldest vote goes first.</summary>
    public const int MaxVoters = 100;

    private const int FewestVotes = 2;

    private readonly Lock _lock = new();
    private readonly Family _v4 = new(); // guarded by _lock, as the other
    private readonly Family _v6 = new();

    /// <summary>The address of a family is another one now, or known for the first time. Raised on the thread of the vote, without a lock.</summary>
    public event EventHandler? Changed;

    /// <summary>The address that most agree on; null: it is not known.</summary>
    /// <param name="family">IPv4 or IPv6.</param>
    public IPAddress? Of(AddressFamily family)
    {
        lock (_lock)
        {
            return FamilyOf(family).Winner;
        }
    }

    /// <summary>A peer, tracker or router tells which address it sees us at. An earlier vote of the same client (IPv6: of the same /64) is replaced; addresses that are not global, and
    /// voters of our own network, which see us by an inner address, are ignored.</summary>
    /// <param name="claimed">Our address, as it says.</param>
    /// <param name="voter">Its own address.</param>
    public void Vote(IPAddress claimed, IPAddress voter)
    {
        claimed = ClientAddress.Plain(claimed);
        if (AddressGuard.ScopeOf(claimed) != AddressScope.Global || AddressGuard.ScopeOf(voter) != AddressScope.Global)
        {
            return;
        }

        bool hasChanged;
        lock (_lock)
        {
            hasChanged = FamilyOf(claimed.AddressFamily).Vote(ClientAddress.Of(voter), claimed);
        }

        if (hasChanged)
        {
            Changed?.Invoke(this, EventArgs.Empty);
        }
    }

    /// <summary>Our network has changed: all votes are about an address that we may not have any more. The addresses stay until others win.</summary>
    public void ForgetVotes()
    {
        lock (_lock)
        {
            _v4.Forget();
            _v6.Forget();
        }
    }

    private Family FamilyOf(AddressFamily family)
    {
        return family == AddressFamily.InterNetwork ? _v4 : _v6;
    }

    private sealed class Family
    {
        private readonly Dictionary<IPAddress, IPAddress> _votes = []; // by voter
        private readonly Queue<IPAddress> _voters = new(); // oldest first

        public IPAddress? Winner { get; private set; }

        public bool Vote(IPAddress voter, IPAddress claimed)
        {
            if (!_votes.ContainsKey(voter))
            {
                if (_voters.Count == MaxVoters)
                {
                    _votes.Remove(_voters.Dequeue());
                }

                _voters.Enqueue(voter);
            }

            _votes[voter] = claimed;
            if (claimed.Equals(Winner))
            {
                return false;
            }

            var votes = _votes.Values.Count(claimed.Equals);
            if (votes < FewestVotes || votes * 2 <= _votes.Count)
            {
                return false;
            }

            Winner = claimed;
            return true;
        }

        public void Forget()
        {
            _votes.Clear();
            _voters.Clear();
        }
    }
}
