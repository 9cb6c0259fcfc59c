using System.Buffers;
using System.Net;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Extensions;

/// <summary>Whole extended messages (BEP 10), ready to be queued.</summary>
internal static class ExtensionMessages
{
    public const string ClientName = "Distribyted 0.1";

    public static byte[] Handshake(int listenPort, int maxRequests, int metadataSize, bool offersPex, IPAddress yourIp)
    {
        var payload = new ArrayBufferWriter<byte>();
        new ExtensionHandshake
        {
            MetadataId = ExtensionIds.Metadata,
            PexId = offersPex ? ExtensionIds.Pex : null,
            DontHaveId = ExtensionIds.DontHave,
            MetadataSize = metadataSize > 0 ? metadataSize : null,
            RequestQueue = maxRequests,
            ListenPort = listenPort > 0 ? listenPort : null,
            Client = ClientName,
            YourIp = yourIp,
        }.Write(payload);
        return Wrap(ExtensionIds.Handshake, payload);
    }

    public static byte[] MetadataRequest(byte id, int piece)
    {
        var payload = new ArrayBufferWriter<byte>();
        MetadataMessage.WriteRequest(payload, piece);
        return Wrap(id, payload);
    }

    public static byte[] MetadataReject(byte id, int piece)
    {
        var payload = new ArrayBufferWriter<byte>();
        MetadataMessage.WriteReject(payload, piece);
        return Wrap(id, payload);
    }

    public static byte[] MetadataData(byte id, int piece, ReadOnlySpan<byte> metadata)
    {
        var payload = new ArrayBufferWriter<byte>();
        MetadataMessage.WriteData(payload, piece, metadata);
        return Wrap(id, payload);
    }

    public static byte[] Pex(byte id, IReadOnlyList<PexPeer> added, IReadOnlyList<PeerEndPoint> dropped)
    {
        var payload = new ArrayBufferWriter<byte>();
        new PexMessage(added, dropped).Write(payload);
        return Wrap(id, payload);
    }

    private static byte[] Wrap(byte id, ArrayBufferWriter<byte> payload)
    {
        var message = new byte[PeerMessageWriter.ExtendedHeaderLength + payload.WrittenCount];
        PeerMessageWriter.WriteExtendedHeader(message, id, payload.WrittenCount);
        payload.WrittenSpan.CopyTo(message.AsSpan(PeerMessageWriter.ExtendedHeaderLength));
        return message;
    }
}
