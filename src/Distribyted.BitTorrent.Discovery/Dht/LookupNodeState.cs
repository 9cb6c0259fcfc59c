namespace Distribyted.BitTorrent.Discovery.Dht;

internal enum LookupNodeState
{
    New,

    /// <summary>Its answer may come any moment.</summary>
    Asked,

    /// <summary>Its answer is late: it may still come, but others are asked instead.</summary>
    Slow,

    Answered,

    /// <summary>It did not answer, or not rightly.</summary>
    Failed,
}
