namespace Distribyted.BitTorrent.Swarms;

/// <summary>What a <see cref="DueTimer"/> runs.</summary>
internal interface IDueTarget
{
    /// <summary>The time has come. Called on a thread of the pool, without locks; throws nothing.</summary>
    void Due();
}
