using System.Net.Sockets;
using System.Threading.Channels;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.Testing;

/// <summary>One connection of a <see cref="FaultyPeer"/>: a loop that listens and a loop that answers. What it says is made by <see cref="FaultyMessages"/>.</summary>
internal sealed class FaultyConversation(Socket socket, FaultyPeerOptions options, PeerRecord record, bool dialled) : IDisposable
{
    private const int ReadLength = 64 * 1024;

    private readonly FaultyMessages _messages = new(options);
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
            await SendAsync(_messages.Greeting(), cancellationToken);
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
                    await SendAsync(_messages.Greeting(), cancellationToken);
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

    private async Task IntroduceAsync(Handshake theirs, CancellationToken cancellationToken)
    {
        await SendAsync(_messages.Introduction(theirs, dialled), cancellationToken);
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
            case PeerMessageKind.Have
                when options.Habit == PeerHabit.SuperSeeds && _offered < options.Offers.Count && message.Piece == options.Offers[_offered]:
                reply = ++_offered < options.Offers.Count ? _messages.Offer(_offered) : null;
                break;
            case PeerMessageKind.Extended when message.ExtensionId == ExtensionHandshake.Id:
                _theirMetadataId = ExtensionHandshake.Read(message.Payload).IdOf("ut_metadata");
                break;
            case PeerMessageKind.Extended when message.ExtensionId == FaultyMessages.MetadataId && _theirMetadataId != 0:
                reply = AnswerMetadata(MetadataMessage.Read(message.Payload));
                break;
            default:
                break;
        }

        return true;
    }

    private byte[]? AnswerMetadata(MetadataMessage asked)
    {
        if (asked.Kind != MetadataMessageKind.Request)
        {
            return null;
        }

        record.Asked(asked.Piece);
        return _messages.Metadata(asked.Piece, _theirMetadataId);
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
        var bytes = _messages.Block(piece, offset, length, ++_blocks);
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
            await SendAsync(FaultyMessages.Reject(piece, offset, length), cancellationToken);
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
}
