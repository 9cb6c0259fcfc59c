using System.Threading.Channels;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Tests.Peers;

[CancelAfter(60_000)]
internal sealed class PeerReceiverTests
{
    private static readonly byte[] Have = [0, 0, 0, 5, (byte)PeerMessageKind.Have, 0, 0, 0, 1];

    private PeerStand _stand = null!;
    private Wire _wire = null!;
    private PeerReceiver _receiver = null!;

    [SetUp]
    public void Open()
    {
        _stand = new PeerStand();
        _stand.Owner.Process = static (batch, _) => WholeMessagesOf(batch);
        _wire = new Wire();
        _receiver = new PeerReceiver(_stand.Owner, _stand.Connect(), _wire);
    }

    [TearDown]
    public async Task CloseAsync()
    {
        _wire.Dispose();
        await _stand.DisposeAsync();
    }

    [Test]
    public async Task What_came_behind_the_handshake_is_processed_first(CancellationToken cancellationToken)
    {
        _wire.Close();

        await _receiver.RunAsync(Have, cancellationToken);

        Assert.That(_stand.Owner.Batches, Is.EqualTo(new[] { Have }));
    }

    [TestCase(1)]
    [TestCase(4)]
    [TestCase(8)]
    public async Task A_message_that_comes_in_parts_is_processed_when_it_is_whole(int first, CancellationToken cancellationToken)
    {
        _wire.Bring([.. Have, .. Have[..first]]);
        _wire.Bring(Have[first..]);
        _wire.Close();

        await _receiver.RunAsync(default, cancellationToken);

        Assert.That(_stand.Owner.Batches[^1], Is.EqualTo(Have));
        Assert.That(_receiver.Begun, Is.Zero);
    }

    [Test]
    public async Task The_beginning_of_a_message_can_be_seen_before_the_rest_comes(CancellationToken cancellationToken)
    {
        var run = _receiver.RunAsync(Have.AsMemory(0, 6), cancellationToken);

        Assert.That(_receiver.Begun, Is.EqualTo(6));

        _wire.Close();
        await run;
    }

    [Test]
    public async Task A_message_longer_than_the_buffer_is_processed_whole(CancellationToken cancellationToken)
    {
        var bitfield = new byte[PeerMessageWriter.BitfieldHeaderLength + 250_000];
        PeerMessageWriter.WriteBitfieldHeader(bitfield, 250_000);
        bitfield[^1] = 1;
        for (var sent = 0; sent < bitfield.Length; sent += 50_000)
        {
            _wire.Bring(bitfield[sent..Math.Min(sent + 50_000, bitfield.Length)]);
        }

        _wire.Close();

        await _receiver.RunAsync(default, cancellationToken);

        Assert.That(_stand.Owner.Batches[^1], Is.EqualTo(bitfield));
    }

    // The swarm stops where there are no claims left: the rest comes again, with the claims empty.
    [Test]
    public async Task What_was_not_processed_comes_again_at_once(CancellationToken cancellationToken)
    {
        _stand.Owner.Process = static (batch, claims) =>
        {
            Assert.That(claims.All.Length, Is.Zero);
            claims.Add(null!, 0, batch, batch);
            return Have.Length;
        };
        _wire.Close();

        await _receiver.RunAsync((byte[])[.. Have, .. Have, .. Have], cancellationToken);

        Assert.That(_stand.Owner.Batches.ConvertAll(static b => b.Length), Is.EqualTo(new[] { 27, 18, 9 }));
    }

    [Test]
    public void A_peer_that_breaks_the_protocol_ends_the_loop(CancellationToken cancellationToken)
    {
        _stand.Owner.Process = static (_, _) => throw new ProtocolException(ProtocolError.Invalid, "for the test");

        Assert.That(async () => await _receiver.RunAsync(Have, cancellationToken), Throws.TypeOf<ProtocolException>());
    }

    private static int WholeMessagesOf(byte[] batch)
    {
        var consumed = 0;
        while (PeerMessageReader.TryRead(batch.AsSpan(consumed), out _, out var length))
        {
            consumed += length;
        }

        return consumed;
    }

    /// <summary>Receives what a test brings, one portion at a time; an empty portion is the end.</summary>
    private sealed class Wire : IPeerTransport
    {
        private readonly Channel<byte[]> _portions = Channel.CreateUnbounded<byte[]>();
        private ReadOnlyMemory<byte> _rest;

        public PeerEndPoint Remote => new(System.Net.IPAddress.Loopback, 1);

        public int Unread => 0;

        public void Bring(byte[] portion)
        {
            _portions.Writer.TryWrite(portion);
        }

        public void Close()
        {
            Bring([]);
        }

        public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            if (buffer.IsEmpty)
            {
                await _portions.Reader.WaitToReadAsync(cancellationToken);
                return 0;
            }

            _rest = _rest.IsEmpty ? await _portions.Reader.ReadAsync(cancellationToken) : _rest;
            var count = Math.Min(buffer.Length, _rest.Length);
            _rest[..count].CopyTo(buffer);
            _rest = _rest[count..];
            return count;
        }

        public void Expect(int bytes) { }

        public void EndUnlessAcknowledgedWithin(TimeSpan time) { }

        public void AbortOnDispose() { }

        public ValueTask SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
        {
            return ValueTask.CompletedTask;
        }

        public void Dispose() { }
    }
}
