using System.Net;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers.Http;

/// <summary>Answers that several tests send.</summary>
internal static class HttpAnswers
{
    public static readonly byte[] OnePeer = [.. "d8:intervali900e12:min intervali60e5:peers6:"u8, 10, 0, 0, 9, 0x1A, 0xE1, .. "e"u8];
    public static readonly PeerEndPoint NamedPeer = new(IPAddress.Parse("10.0.0.9"), 6881);
}
