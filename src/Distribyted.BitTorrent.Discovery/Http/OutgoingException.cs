namespace Distribyted.BitTorrent.Discovery.Http;

/// <summary>A request was not sent, or its answer leads nowhere; the message says why, for users, without the address.</summary>
public sealed class OutgoingException(string message) : IOException(message);
