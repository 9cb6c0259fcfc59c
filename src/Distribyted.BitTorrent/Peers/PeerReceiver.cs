using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Transport;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Peers;

/// <summary>The receive loop of one connection. The swarm processes what came in place; what is left of a message moves to the start of the buffer.</summary>
/// <remarks>The buffer is given back while the peer is idle.</remarks>
internal sealed class PeerReceiver(IPeerOwner owner, Peer peer, IPeerTransport transport)
{
    private const int BufferLength = 128 * 1024;
    private const int MaxClaims = BufferLength / PieceLayout.BlockLength;
    private const int LongestWait = UploadRequest.MaxMessageLength; // most bytes to wait for: what has come of a longer message is looked at once per block
    private const int BatchesPerTurn = 16; // then the pool's thread is given back: a loop whose receives complete at once would keep it

    private readonly BlockClaims _claims = new(MaxClaims);
    private byte[] _buffer = [];
    private int _have; // bytes in the buffer
    private int _needed = 1; // bytes of the message that has begun
    private int _begun; // bytes of it that are here

    /// <summary>Bytes that are here of a message that is not whole. May be read by any thread.</summary>
    public int Begun => Volatile.Read(ref _begun);

    private bool IsIdle => _have == 0 && !_claims.HasSeenBlock;

    /// <summary>Receives until the peer closes. What else ends the connection is thrown.</summary>
    /// <param name="received">Bytes that are here already.</param>
    /// <param name="closed">Cancelled when we close the connection.</param>
    public async Task RunAsync(ReadOnlyMemory<byte> received, CancellationToken closed)
    {
        RentBuffer();
        try
        {
            received.CopyTo(_buffer);
            Process(received.Length);
            for (var batch = 1; ; batch++)
            {
                if (IsIdle)
                {
                    ReturnBuffer();
                    transport.Expect(1);
                    await transport.ReceiveAsync(Memory<byte>.Empty, closed);
                    RentBuffer();
                }

                var count = await BeginReceive(closed);
                if (count == 0)
                {
                    return;
                }

                Process(count);
                if (batch % BatchesPerTurn == 0)
                {
                    await Task.Yield();
                }
            }
        }
        finally
        {
            ReturnBuffer();
        }
    }

    private ValueTask<int> BeginReceive(CancellationToken closed)
    {
        var receive = transport.ReceiveAsync(_buffer.AsMemory(_have), closed);
        if (!receive.IsCompleted)
        {
            transport.Expect(Math.Clamp(_needed - _have, 1, LongestWait));
        }

        return receive;
    }

    private void Process(int received)
    {
        _have += received;
        _claims.HasSeenBlock = false;
        var consumed = 0;
        int took;
        do
        {
            took = owner.Received(peer, _buffer.AsSpan(consumed, _have - consumed), _claims);
            _claims.Clear();
            consumed += took;
        } while (took > 0 && consumed < _have);

        KeepRest(consumed);
    }

    private void KeepRest(int consumed)
    {
        var rest = _buffer.AsSpan(consumed, _have - consumed);
        _have = rest.Length;
        Volatile.Write(ref _begun, _have);
        _needed = 1;
        if (_have == 0)
        {
            return;
        }

        PeerMessageReader.TryRead(rest, out _, out _, out _needed);
        if (_needed > _buffer.Length)
        {
            var larger = LargeBuffers.Rent(_needed);
            rest.CopyTo(larger);
            ReturnBuffer();
            _buffer = larger;
        }
        else if (consumed > 0)
        {
            rest.CopyTo(_buffer);
        }
    }

    private void RentBuffer()
    {
        _buffer = LargeBuffers.Rent(BufferLength);
    }

    private void ReturnBuffer()
    {
        if (_buffer.Length > 0)
        {
            LargeBuffers.Return(_buffer);
            _buffer = [];
        }
    }
}
