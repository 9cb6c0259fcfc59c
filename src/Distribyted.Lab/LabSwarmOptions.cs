using Distribyted.BitTorrent.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.Lab;

/// <summary>What a <see cref="LabSwarm"/> is made of.</summary>
public sealed record LabSwarmOptions
{
    /// <summary>What is shared.</summary>
    public required LabContent Content { get; init; }

    /// <summary>Bytes of a piece.</summary>
    public int PieceLength { get; init; } = 256 * 1024;

    /// <summary>How many sessions of our own engine share it, 1 to 200; each has an address of its own.</summary>
    public int Seeders { get; init; } = 2;

    /// <summary>The line between each seeder and the world; null: none, the tracker names the seeders themselves.</summary>
    public LinkOptions? Link { get; init; }

    /// <summary>Whether the magnet names the tracker by UDP instead of HTTP.</summary>
    public bool Udp { get; init; }

    /// <summary>Whether the seeders encrypt.</summary>
    public EncryptionMode Encryption { get; init; } = EncryptionMode.Prefer;

    /// <summary>BEP 27.</summary>
    public bool IsPrivate { get; init; }

    /// <summary>Last number of the first seeder's address, 127.0.0.x: swarms in one process take different ones.</summary>
    public int FirstAddress { get; init; } = 2;

    /// <summary>Where the seeders' logs go.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}
