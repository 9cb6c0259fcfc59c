namespace Distribyted.BitTorrent.Transport.Tests;

/// <summary>What connections rely on in every transport. A new transport is one more fixture that derives from this.</summary>
internal abstract class PeerTransportConformance
{
    /// <summary>Two ends of one connection.</summary>
    protected abstract Task<(IPeerTransport Near, IPeerTransport Far)> ConnectAsync(CancellationToken cancellationToken);

    [TestCase(1)]
    [TestCase(16 * 1024)]
    [TestCase(3_000_000)]
    [CancelAfter(60_000)]
    public async Task What_is_sent_is_received_in_order_and_whole(int length, CancellationToken cancellationToken)
    {
        var (near, far) = await ConnectAsync(cancellationToken);
        using (near)
        using (far)
        {
            var sent = new byte[length];
            new Random(length).NextBytes(sent);

            var sending = near.SendAsync(sent, cancellationToken).AsTask();
            var received = new byte[length];
            for (var have = 0; have < length; )
            {
                far.Expect(Math.Min(16 * 1024, length - have));
                have += await far.ReceiveAsync(received.AsMemory(have), cancellationToken);
            }

            await sending;
            Assert.That(received.AsSpan().SequenceEqual(sent), Is.True);
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task Both_directions_work_at_once(CancellationToken cancellationToken)
    {
        var (near, far) = await ConnectAsync(cancellationToken);
        using (near)
        using (far)
        {
            var buffer = new byte[16];
            var receiving = near.ReceiveAsync(buffer, cancellationToken).AsTask();

            await near.SendAsync("ping"u8.ToArray(), cancellationToken);
            var heard = await far.ReceiveAsync(new byte[16], cancellationToken);
            await far.SendAsync("pong"u8.ToArray(), cancellationToken);

            Assert.That(heard, Is.EqualTo(4));
            Assert.That(await receiving, Is.EqualTo(4));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task The_end_of_the_other_side_is_zero_bytes_after_what_it_sent(CancellationToken cancellationToken)
    {
        var (near, far) = await ConnectAsync(cancellationToken);
        using (near)
        {
            await far.SendAsync("last"u8.ToArray(), cancellationToken);
            far.Dispose();

            var buffer = new byte[16];
            Assert.That(await near.ReceiveAsync(buffer, cancellationToken), Is.EqualTo(4));
            Assert.That(await near.ReceiveAsync(buffer, cancellationToken), Is.Zero);
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_receive_ends_with_its_token(CancellationToken cancellationToken)
    {
        var (near, far) = await ConnectAsync(cancellationToken);
        using (near)
        using (far)
        {
            using var stop = new CancellationTokenSource();
            var receiving = near.ReceiveAsync(new byte[16], stop.Token).AsTask();

            await stop.CancelAsync();

            Assert.That(async () => await receiving, Throws.InstanceOf<OperationCanceledException>());
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task An_empty_receive_waits_for_bytes_and_takes_none(CancellationToken cancellationToken)
    {
        var (near, far) = await ConnectAsync(cancellationToken);
        using (near)
        using (far)
        {
            var waiting = near.ReceiveAsync(Memory<byte>.Empty, cancellationToken).AsTask();
            await far.SendAsync("x"u8.ToArray(), cancellationToken);

            Assert.That(await waiting, Is.Zero);
            Assert.That(await near.ReceiveAsync(new byte[16], cancellationToken), Is.EqualTo(1));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task Hints_and_a_second_end_never_throw_after_the_end(CancellationToken cancellationToken)
    {
        var (near, far) = await ConnectAsync(cancellationToken);
        near.Dispose();

        Assert.That(
            () =>
            {
                near.Expect(100);
                near.EndUnlessAcknowledgedWithin(TimeSpan.FromSeconds(5));
                near.AbortOnDispose();
                near.Dispose();
                far.Dispose();
            },
            Throws.Nothing
        );
        Assert.That(near.Unread, Is.Zero);
    }
}
