namespace Distribyted.Testing;

/// <summary>What a <see cref="FaultyPeer"/> does wrong.</summary>
internal enum PeerHabit
{
    /// <summary>Nothing: an honest seeder.</summary>
    Honest,

    /// <summary>Every <see cref="FaultyPeerOptions.Every"/>th block has wrong bytes.</summary>
    WrongBytes,

    /// <summary>Takes requests and, after <see cref="FaultyPeerOptions.After"/> blocks, sends nothing any more. Rejects nothing, closes nothing.</summary>
    Stalls,

    /// <summary>Random bytes behind a true handshake.</summary>
    Garbage,

    /// <summary>Random bytes instead of a handshake.</summary>
    GarbageInsteadOfHandshake,

    /// <summary>Has everything, and chokes for ever.</summary>
    NeverUnchokes,

    /// <summary>Closes the connection after <see cref="FaultyPeerOptions.After"/> blocks.</summary>
    DropsAfter,

    /// <summary>Announces a message of 2 GiB after the handshake.</summary>
    HugeLength,

    /// <summary>Sends at most <see cref="FaultyPeerOptions.BytesPerSecond"/>.</summary>
    SlowRate,

    /// <summary>Says it has everything, and rejects every request.</summary>
    LiesBitfield,

    /// <summary>Sends metadata with one bit flipped; its blocks are right.</summary>
    WrongMetadata,

    /// <summary>Sends blocks that were not requested.</summary>
    Unrequested,

    /// <summary>Pretends to have nothing and offers one piece after the other (BEP 16).</summary>
    SuperSeeds,

    /// <summary>Random bytes in one write with the first block, which is right.</summary>
    GarbageBehindBlock,
}
