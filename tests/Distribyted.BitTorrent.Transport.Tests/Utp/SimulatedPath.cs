namespace Distribyted.BitTorrent.Transport.Tests.Utp;

/// <summary>What one direction of a path does to packets.</summary>
internal sealed record SimulatedPath
{
    /// <summary>Microseconds that every packet takes.</summary>
    public long Delay { get; init; } = 10_000;

    /// <summary>At most so many microseconds more, at random: packets overtake one another.</summary>
    public long Jitter { get; init; }

    /// <summary>Packets are read every so many microseconds, all that have arrived since; 0: at once.</summary>
    public long Every { get; init; }

    /// <summary>Of 1000 packets so many are lost.</summary>
    public double Loss { get; init; }

    /// <summary>Of 1000 packets so many arrive twice.</summary>
    public double Twice { get; init; }

    /// <summary>Bytes per second; 0: any.</summary>
    public double Rate { get; init; }

    /// <summary>Bytes that wait for the line; what is more is lost.</summary>
    public double Queue { get; init; } = 1e9;

    /// <summary>The longest packet that passes.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>Decides about a packet before chance does: true, it is lost.</summary>
    public Func<byte[], bool> Drops { get; init; } = static _ => false;
}
