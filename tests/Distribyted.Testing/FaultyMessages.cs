using System.Buffers;
using System.Security.Cryptography;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.Testing;

/// <summary>The bytes that a <see cref="FaultyPeer"/> says, with what its habit makes wrong about them.</summary>
internal sealed class FaultyMessages(FaultyPeerOptions options)
{
    /// <summary>Under which it wants messages of <c>ut_metadata</c> (BEP 9).</summary>
    public const byte MetadataId = 2;

    /// <summary>The first thing it says.</summary>
    public byte[] Greeting()
    {
        if (options.Habit == PeerHabit.GarbageInsteadOfHandshake)
        {
            return Noise(256);
        }

        var bytes = new byte[Handshake.Length];
        var reserved = (options.Fast ? 0x04UL : 0) | (options.Extensions ? 0x100000UL : 0);
        var id = new PeerId([.. "-FP0001-"u8, .. RandomNumberGenerator.GetBytes(12)]);
        new Handshake(options.InfoHash, id, reserved).Write(bytes);
        return bytes;
    }

    /// <summary>What follows both handshakes: what it has, its extensions, unchoke.</summary>
    /// <param name="theirs">The handshake of the other side.</param>
    /// <param name="dialled">Whether it dialled: then it names where it listens.</param>
    public ReadOnlyMemory<byte> Introduction(Handshake theirs, bool dialled)
    {
        switch (options.Habit)
        {
            case PeerHabit.Garbage or PeerHabit.GarbageInsteadOfHandshake:
                return Noise(64 * 1024);
            case PeerHabit.HugeLength:
                return new byte[] { 0x7F, 0xFF, 0xFF, 0xFF, (byte)PeerMessageKind.Piece };
            default:
                break;
        }

        var output = new ArrayBufferWriter<byte>();
        WritePieces(output, theirs);
        if (options.Extensions && theirs.SupportsExtensions)
        {
            WriteExtensions(output, dialled);
        }

        if (options.Habit != PeerHabit.NeverUnchokes)
        {
            output.Advance(PeerMessageWriter.WriteUnchoke(output.GetSpan(PeerMessageWriter.PlainLength)));
        }

        return output.WrittenMemory;
    }

    /// <summary>The next piece of a super-seeding peer.</summary>
    /// <param name="number">Place in <see cref="FaultyPeerOptions.Offers"/>.</param>
    public byte[] Offer(int number)
    {
        var bytes = new byte[PeerMessageWriter.HaveLength];
        PeerMessageWriter.WriteHave(bytes, options.Offers[number]);
        return bytes;
    }

    /// <summary>A part of the info dictionary, or the word that there is none.</summary>
    public byte[] Metadata(int part, byte theirId)
    {
        var text = new ArrayBufferWriter<byte>();
        if (options.Metadata.IsEmpty || part >= MetadataMessage.PieceCount(options.Metadata.Length))
        {
            MetadataMessage.WriteReject(text, part);
        }
        else
        {
            var metadata = options.Metadata.ToArray();
            metadata[metadata.Length / 2] ^= options.Habit == PeerHabit.WrongMetadata ? (byte)1 : (byte)0;
            MetadataMessage.WriteData(text, part, metadata);
        }

        var output = new ArrayBufferWriter<byte>();
        PeerMessageWriter.WriteExtended(output, theirId, text.WrittenSpan);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>A block.</summary>
    /// <param name="piece">Its piece.</param>
    /// <param name="offset">Where it begins in it.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="number">How many blocks the connection sends with it.</param>
    public byte[] Block(int piece, int offset, int length, int number)
    {
        var bytes = new byte[PeerMessageWriter.PieceHeaderLength + length];
        PeerMessageWriter.WritePieceHeader(bytes, piece, offset, length);
        options.Content(bytes.AsSpan(PeerMessageWriter.PieceHeaderLength), options.Layout.StartOf(piece) + offset);
        if (options.Habit == PeerHabit.WrongBytes && number % options.Every == 0)
        {
            bytes[^1] ^= 0xFF;
        }

        return options.Habit == PeerHabit.GarbageBehindBlock ? [.. bytes, .. Noise(256)] : bytes;
    }

    /// <summary>A request that is not served (BEP 6).</summary>
    public static byte[] Reject(int piece, int offset, int length)
    {
        var bytes = new byte[PeerMessageWriter.RequestLength];
        PeerMessageWriter.WriteReject(bytes, piece, offset, length);
        return bytes;
    }

    private void WritePieces(ArrayBufferWriter<byte> output, Handshake theirs)
    {
        if (options.Habit == PeerHabit.SuperSeeds)
        {
            output.Write(Offer(0));
        }
        else if (options.Fast && theirs.SupportsFast && options.Has is null)
        {
            output.Advance(PeerMessageWriter.WriteHaveAll(output.GetSpan(PeerMessageWriter.PlainLength)));
        }
        else
        {
            var bits = Bits();
            output.Advance(PeerMessageWriter.WriteBitfieldHeader(output.GetSpan(PeerMessageWriter.BitfieldHeaderLength), bits.Length));
            output.Write(bits);
        }
    }

    private void WriteExtensions(ArrayBufferWriter<byte> output, bool dialled)
    {
        IReadOnlyList<int?> ports = dialled && options.NamesPorts.Count > 0 ? [.. options.NamesPorts] : [null];
        ports = options.SaysMetadataLater ? [null, .. ports] : ports;
        for (var i = 0; i < ports.Count; i++)
        {
            var port = ports[i];
            var hasMetadata = !options.Metadata.IsEmpty && !(options.SaysMetadataLater && i == 0);
            var text = new ArrayBufferWriter<byte>();
            new ExtensionHandshake
            {
                Ids = hasMetadata ? NamedNumbers.None.With("ut_metadata", MetadataId) : NamedNumbers.None,
                MetadataSize = hasMetadata && options.SaysMetadataSize ? options.Metadata.Length : null,
                ListenPort = port == 0 ? options.Port : port,
                RequestQueue = 256,
                Client = $"FaultyPeer {options.Habit}",
            }.Write(text);
            PeerMessageWriter.WriteExtended(output, ExtensionHandshake.Id, text.WrittenSpan);
        }
    }

    private byte[] Bits()
    {
        var bits = new byte[(options.Layout.PieceCount + 7) / 8];
        for (var piece = 0; piece < options.Layout.PieceCount; piece++)
        {
            if (options.Has?.Invoke(piece) != false)
            {
                bits[piece / 8] |= (byte)(0x80 >> (piece % 8));
            }
        }

        if (options.SetsSpareBits)
        {
            bits[^1] |= (byte)(0xFF >> (((options.Layout.PieceCount - 1) % 8) + 1));
        }

        return bits;
    }

    /// <summary>Bytes that look like nothing, and are the same in every run.</summary>
    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        bytes[0] |= 0x80; // never the start of a message that could be waited for
        return bytes;
    }
}
