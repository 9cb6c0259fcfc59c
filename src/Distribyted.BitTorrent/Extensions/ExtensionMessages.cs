using System.Buffers;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Extensions;

/// <summary>Makes whole extended messages (BEP 10).</summary>
internal static class ExtensionMessages
{
    /// <param name="id">The id that the receiver gave to the extension.</param>
    /// <param name="write">Writes the message without its header.</param>
    /// <returns>The message with its header.</returns>
    public static byte[] Make(byte id, Action<IBufferWriter<byte>> write)
    {
        var payload = new ArrayBufferWriter<byte>();
        write(payload);
        var message = new byte[PeerMessageWriter.ExtendedHeaderLength + payload.WrittenCount];
        PeerMessageWriter.WriteExtendedHeader(message, id, payload.WrittenCount);
        payload.WrittenSpan.CopyTo(message.AsSpan(PeerMessageWriter.ExtendedHeaderLength));
        return message;
    }
}
