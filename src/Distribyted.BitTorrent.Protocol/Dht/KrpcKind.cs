namespace Distribyted.BitTorrent.Protocol.Dht;

/// <summary>What a DHT message is (BEP 5).</summary>
public enum KrpcKind
{
    /// <summary>A question.</summary>
    Query,

    /// <summary>The answer to one.</summary>
    Response,

    /// <summary>A refusal.</summary>
    Error,
}
