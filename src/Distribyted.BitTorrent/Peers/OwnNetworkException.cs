using System.Net.Sockets;

namespace Distribyted.BitTorrent.Peers;

/// <summary>This machine's own network is down or has no way there.</summary>
internal sealed class OwnNetworkException(SocketException cause) : IOException($"Our own network: {cause.Message}", cause);
