using Distribyted.BitTorrent.Discovery.PortMapping.Gateways;

namespace Distribyted.BitTorrent.Discovery.PortMapping.Leases;

/// <summary>Which external port and which lease one gateway is asked for, with what it answered so far. Pure; not thread-safe.</summary>
internal sealed class MappingPlan
{
    private const int MaxConflicts = 4; // then something else is wrong than one taken port
    private const int FirstRandom = 10_000;
    private const int LastRandom = 60_000;

    private readonly ushort _internalPort;
    private readonly Random _random;
    private int _conflicts;

    /// <param name="internalPort">The port that we listen on; asked for first.</param>
    /// <param name="random">Chooses others.</param>
    public MappingPlan(ushort internalPort, Random random)
    {
        _internalPort = internalPort;
        _random = random;
        ExternalPort = internalPort;
    }

    /// <summary>The external port to ask for: the last one that was given, so that peers find us again.</summary>
    public ushort ExternalPort { get; private set; }

    /// <summary>The lease to ask for; zero: for ever.</summary>
    public TimeSpan Lease { get; private set; } = LeaseTimes.Lease;

    /// <summary>Takes an answer.</summary>
    /// <returns>Whether to ask again at once, for something else.</returns>
    public bool AskAgain(MappingAnswer answer)
    {
        switch (answer.Outcome)
        {
            case MappingOutcome.Mapped:
                _conflicts = 0;
                ExternalPort = answer.ExternalPort;
                return false;
            case MappingOutcome.OnlyPermanent when Lease > TimeSpan.Zero:
                Lease = TimeSpan.Zero;
                return true;
            case MappingOutcome.OnlySamePort when ExternalPort != _internalPort:
                ExternalPort = _internalPort;
                return true;
            case MappingOutcome.Conflict when _conflicts < MaxConflicts:
                _conflicts++;
                ExternalPort = (ushort)_random.Next(FirstRandom, LastRandom + 1);
                return true;
            case MappingOutcome.Conflict:
                _conflicts = 0;
                ExternalPort = _internalPort;
                return false;
            default:
                return false;
        }
    }
}
