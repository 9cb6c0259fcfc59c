using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol.Trackers;

namespace Distribyted.BitTorrent.Discovery.Trackers.Udp;

/// <summary>One UDP socket for requests to trackers, with the table of transactions that matches answers to requests (BEP 15). Safe for use by many threads.</summary>
internal sealed class UdpTrackerSocket : IAsyncDisposable
{
    private const int MaxDatagram = 8 * 1024; // 20 bytes and 400 peers; datagrams over the internet are shorter
    private const int MaxErrors = 64; // in a row: the socket itself is broken, trying again would only burn time

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<uint, UdpQuestion> _questions = new();
    private readonly Task _receiving;

    public UdpTrackerSocket(IPAddress own, TimeProvider time)
    {
        _time = time;
        _socket = new Socket(own.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            _socket.Bind(new IPEndPoint(own, 0));
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        _receiving = ReceiveAsync(own);
    }

    /// <summary>It receives nothing any more; open another one.</summary>
    public bool IsBroken => _receiving.IsCompleted;

    /// <summary>Sends a datagram and waits for its answer; null: none came.</summary>
    /// <param name="patience">How long all of it may take. It begins before the datagram is sent, so that a full send buffer counts as well.</param>
    /// <exception cref="SocketException">It cannot be sent.</exception>
    public async Task<byte[]?> ExchangeAsync(
        UdpQuestion question,
        ReadOnlyMemory<byte> datagram,
        TimeSpan patience,
        CancellationToken cancellationToken
    )
    {
        if (!_questions.TryAdd(question.Transaction, question))
        {
            return null; // the transaction is in use, one chance in four billion: the next try has another
        }

        using var deadline = new CancellationTokenSource(patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await _socket.SendToAsync(datagram, SocketFlags.None, question.Server, either.Token);
            return await question.Answer.Task.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            _questions.TryRemove(question.Transaction, out _);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _receiving;
        foreach (var question in _questions.Values)
        {
            question.Answer.TrySetException(new ObjectDisposedException(nameof(UdpTrackerSocket)));
        }

        _stop.Dispose();
    }

    private async Task ReceiveAsync(IPAddress own)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(MaxDatagram, pinned: true);
        var from = new SocketAddress(own.AddressFamily);
        var any = new IPEndPoint(own, 0);
        for (var errors = 0; errors < MaxErrors && !_stop.IsCancellationRequested; )
        {
            try
            {
                var length = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, from, _stop.Token);
                Match(buffer.AsSpan(0, length), (IPEndPoint)any.Create(from));
                errors = 0;
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // An earlier datagram was refused (ICMP), or one was longer than any answer: the next may be good.
                errors++;
            }
        }
    }

    private void Match(ReadOnlySpan<byte> datagram, IPEndPoint from)
    {
        if (
            UdpTrackerPacket.TryReadTransaction(datagram, out var transaction)
            && _questions.TryGetValue(transaction, out var question)
            && question.Server.Equals(from)
            && question.IsAnswer(datagram)
        )
        {
            question.Answer.TrySetResult(datagram.ToArray());
        }
    }
}
