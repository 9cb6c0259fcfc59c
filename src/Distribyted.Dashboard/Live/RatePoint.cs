namespace Distribyted.Dashboard.Live;

/// <summary>What charts show of one moment.</summary>
/// <param name="Down">Bytes per second from peers.</param>
/// <param name="Up">Bytes per second to peers.</param>
/// <param name="Cache">Bytes in the piece cache.</param>
public readonly record struct RatePoint(long Down, long Up, long Cache);
