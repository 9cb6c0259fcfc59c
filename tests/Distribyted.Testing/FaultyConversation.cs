using System.Buffers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading.Channels;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.Testing;

/// <summary>One connection of a <see cref="FaultyPeer"/>: a loop that listens and a loop that answers.</summary>
internal sealed class FaultyConversation(Socket socket, FaultyPeerOptions options, PeerRecord record, bool dialled) : IDisposable
{
    private const int ReadLength = 64 * 1024;
    private const byte MetadataId = 2; // under which we want messages of ut_metadata (BEP 9)

    private readonly Channel<(int Piece, int Offset, int Length)> _requests = Channel.CreateUnbounded<(int, int, int)>();
    private readonly HashSet<(int Piece, int Offset)> _taken = []; // cancelled; guarded by itself
    private readonly SemaphoreSlim _sending = new(1, 1);
    private byte _theirMetadataId;
    private int _blocks;
    private int _offered;

    /// <summary>Talks until one side closes the connection.</summary>
    public async Task RunAsync(CancellationTokenSource over)
    {
        try
        {
            var answering = AnswerAsync(over.Token);
            try
            {
                await ListenAsync(over.Token);
            }
            finally
            {
                await over.CancelAsync();
                await answering;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException or ProtocolException)
        {
            // The client left, or was left: what a test asserts is in the record.
        }
    }

    public void Dispose()
    {
        socket.Dispose();
        _sending.Dispose();
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[PeerMessageReader.MaxMessageLength + ReadLength];
        var length = 0;
        if (dialled)
        {
            await GreetAsync(cancellationToken);
        }

        var shaken = false;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                return;
            }

            length += read;
            var used = 0;
            if (!shaken && Handshake.TryRead(buffer.AsSpan(0, length), out var theirs))
            {
                if (theirs.InfoHash != options.InfoHash)
                {
                    return;
                }

                shaken = true;
                used = Handshake.Length;
                if (!dialled)
                {
                    await GreetAsync(cancellationToken);
                }

                await IntroduceAsync(theirs, cancellationToken);
            }

            while (shaken && TakeMessage(buffer.AsSpan(used, length - used), out var consumed, out var reply))
            {
                used += consumed;
                if (reply is not null)
                {
                    await SendAsync(reply, cancellationToken);
                }
            }

            buffer.AsSpan(used, length - used).CopyTo(buffer);
            length -= used;
        }
    }

    private async Task GreetAsync(CancellationToken cancellationToken)
    {
        if (options.Habit == PeerHabit.GarbageInsteadOfHandshake)
        {
            await SendAsync(Noise(256), cancellationToken);
            return;
        }

        var bytes = new byte[Handshake.Length];
        var reserved = (options.Fast ? 0x04UL : 0) | (options.Extensions ? 0x100000UL : 0);
        new Handshake(
            options.InfoHash,
            new PeerId("-FP0001-"u8.ToArray().Concat(RandomNumberGenerator.GetBytes(12)).ToArray()),
            reserved
        ).Write(bytes);
        await SendAsync(bytes, cancellationToken);
    }

    private async Task IntroduceAsync(Handshake theirs, CancellationToken cancellationToken)
    {
        switch (options.Habit)
        {
            case PeerHabit.Garbage or PeerHabit.GarbageInsteadOfHandshake:
                await SendAsync(Noise(64 * 1024), cancellationToken);
                return;
            case PeerHabit.HugeLength:
                await SendAsync(new byte[] { 0x7F, 0xFF, 0xFF, 0xFF, (byte)PeerMessageKind.Piece }, cancellationToken);
                return;
            default:
                break;
        }

        var output = new ArrayBufferWriter<byte>();
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

        if (options.Extensions && theirs.SupportsExtensions)
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

        if (options.Habit != PeerHabit.NeverUnchokes)
        {
            output.Advance(PeerMessageWriter.WriteUnchoke(output.GetSpan(PeerMessageWriter.PlainLength)));
        }

        await SendAsync(output.WrittenMemory, cancellationToken);
        if (options.Habit == PeerHabit.Unrequested)
        {
            for (var piece = 0; piece < Math.Min(8, options.Layout.PieceCount); piece++)
            {
                await SendBlockAsync(piece, 0, options.Layout.BlockLengthOf(piece, 0), cancellationToken);
            }
        }
    }

    /// <summary>Takes one message out of the buffer. Requests go to the answering loop, the rest is answered at once or not at all.</summary>
    private bool TakeMessage(ReadOnlySpan<byte> buffer, out int consumed, out byte[]? reply)
    {
        reply = null;
        if (!PeerMessageReader.TryRead(buffer, out var message, out consumed))
        {
            return false;
        }

        record.Received(message);
        switch (message.Kind)
        {
            case PeerMessageKind.Request:
                lock (_taken)
                {
                    _taken.Remove((message.Piece, message.Offset));
                }

                _requests.Writer.TryWrite((message.Piece, message.Offset, message.Length));
                break;
            case PeerMessageKind.Cancel:
                lock (_taken)
                {
                    _taken.Add((message.Piece, message.Offset));
                }

                break;
            case PeerMessageKind.Have when options.Habit == PeerHabit.SuperSeeds && message.Piece == options.Offers[_offered]:
                reply = _offered + 1 < options.Offers.Count ? Offer(_offered + 1) : null;
                break;
            case PeerMessageKind.Extended when message.ExtensionId == ExtensionHandshake.Id:
                _theirMetadataId = ExtensionHandshake.Read(message.Payload).IdOf("ut_metadata");
                break;
            case PeerMessageKind.Extended when message.ExtensionId == MetadataId && _theirMetadataId != 0:
                reply = AnswerMetadata(message.Payload);
                break;
            default:
                break;
        }

        return true;
    }

    private byte[]? AnswerMetadata(ReadOnlySpan<byte> payload)
    {
        var asked = MetadataMessage.Read(payload);
        if (asked.Kind != MetadataMessageKind.Request)
        {
            return null;
        }

        record.Asked(asked.Piece);
        var text = new ArrayBufferWriter<byte>();
        if (options.Metadata.IsEmpty || asked.Piece >= MetadataMessage.PieceCount(options.Metadata.Length))
        {
            MetadataMessage.WriteReject(text, asked.Piece);
        }
        else
        {
            var metadata = options.Metadata.ToArray();
            metadata[metadata.Length / 2] ^= options.Habit == PeerHabit.WrongMetadata ? (byte)1 : (byte)0;
            MetadataMessage.WriteData(text, asked.Piece, metadata);
        }

        var output = new ArrayBufferWriter<byte>();
        PeerMessageWriter.WriteExtended(output, _theirMetadataId, text.WrittenSpan);
        return output.WrittenSpan.ToArray();
    }

    private async Task AnswerAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var (piece, offset, length) in _requests.Reader.ReadAllAsync(cancellationToken))
            {
                switch (options.Habit)
                {
                    case PeerHabit.Stalls when _blocks >= options.After:
                    case PeerHabit.NeverUnchokes:
                        continue;
                    case PeerHabit.DropsAfter when _blocks >= options.After:
                        socket.Close();
                        return;
                    case PeerHabit.LiesBitfield:
                        await RejectAsync(piece, offset, length, cancellationToken);
                        continue;
                    default:
                        break;
                }

                if (!options.Layout.Contains(piece, offset, length) || options.Has?.Invoke(piece) == false)
                {
                    await RejectAsync(piece, offset, length, cancellationToken);
                    continue;
                }

                if (options.Delay > TimeSpan.Zero)
                {
                    await Task.Delay(options.Delay, options.Time, cancellationToken);
                }

                lock (_taken)
                {
                    if (_taken.Remove((piece, offset)))
                    {
                        continue;
                    }
                }

                await SendBlockAsync(piece, offset, length, cancellationToken);
                if (options.BytesPerSecond > 0)
                {
                    await Task.Delay(TimeSpan.FromSeconds((double)length / options.BytesPerSecond), options.Time, cancellationToken);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The connection ended; the listening loop notices by itself.
        }
    }

    private async Task SendBlockAsync(int piece, int offset, int length, CancellationToken cancellationToken)
    {
        var bytes = new byte[PeerMessageWriter.PieceHeaderLength + length];
        PeerMessageWriter.WritePieceHeader(bytes, piece, offset, length);
        options.Content(bytes.AsSpan(PeerMessageWriter.PieceHeaderLength), options.Layout.StartOf(piece) + offset);
        _blocks++;
        if (options.Habit == PeerHabit.WrongBytes && _blocks % options.Every == 0)
        {
            bytes[^1] ^= 0xFF;
        }

        if (options.Habit == PeerHabit.GarbageBehindBlock)
        {
            bytes = [.. bytes, .. Noise(256)];
        }

        if (options.BetweenChunks is { } between)
        {
            for (var at = 0; at < bytes.Length; at += options.ChunkLength)
            {
                await SendAsync(bytes.AsMemory(at, Math.Min(options.ChunkLength, bytes.Length - at)), cancellationToken);
                await between(cancellationToken);
            }
        }
        else
        {
            await SendAsync(bytes, cancellationToken);
        }

        record.Sent();
    }

    private async Task RejectAsync(int piece, int offset, int length, CancellationToken cancellationToken)
    {
        if (options.Fast)
        {
            var bytes = new byte[PeerMessageWriter.RequestLength];
            PeerMessageWriter.WriteReject(bytes, piece, offset, length);
            await SendAsync(bytes, cancellationToken);
        }
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await socket.SendAsync(bytes, cancellationToken)..];
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    private byte[] Offer(int number)
    {
        _offered = number;
        var bytes = new byte[PeerMessageWriter.HaveLength];
        PeerMessageWriter.WriteHave(bytes, options.Offers[number]);
        return bytes;
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
