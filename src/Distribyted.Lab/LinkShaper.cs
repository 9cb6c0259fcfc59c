using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Distribyted.Lab;

/// <summary>A TCP relay with the delay, rate, jitter and stalls of a line: a home connection on one machine, without help of the kernel.</summary>
/// <remarks>A connection is accepted at once; the round trip that connecting costs is added before its first byte goes up.</remarks>
public sealed class LinkShaper : IAsyncDisposable
{
    private const int ChunkLength = 16 * 1024;
    private const int QueueLength = 64 * 1024; // beside what the delay keeps on its way: a router's buffer

    private readonly TcpListener _listener;
    private readonly IPEndPoint _target;
    private readonly LinkOptions _options;
    private readonly TimeProvider _time;
    private readonly LinkClock _up;
    private readonly LinkClock _down;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, bool> _connections = new();
    private readonly Task _accepting;
    private volatile TaskCompletionSource? _standing;
    private CancellationTokenSource _dropFlows = new();
    private int _accepted;

    private LinkShaper(IPEndPoint target, LinkOptions options, TimeProvider time)
    {
        _target = target;
        _options = options;
        _time = time;
        _up = new LinkClock(options.Up, options.Seed, time);
        _down = new LinkClock(options.Down, options.Seed + 1, time);
        _listener = new TcpListener(options.ListenAddress, 0);
        _listener.Start();
        EndPoint = (IPEndPoint)_listener.LocalEndpoint;
        _accepting = AcceptAsync();
    }

    /// <summary>Where to connect instead of the target.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Connections accepted so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Opens a line to a target.</summary>
    /// <param name="target">Where connections lead.</param>
    /// <param name="options">How the line is; null: perfect.</param>
    /// <param name="time">The clock; null: the system's.</param>
    public static Task<LinkShaper> StartAsync(IPEndPoint target, LinkOptions? options = null, TimeProvider? time = null)
    {
        return Task.FromResult(new LinkShaper(target, options ?? new LinkOptions(), time ?? TimeProvider.System));
    }

    /// <summary>Makes the line stand still, both ways, until <see cref="Resume"/>. Connections stay open.</summary>
    public void Stall()
    {
        _standing ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Ends <see cref="Stall"/>.</summary>
    public void Resume()
    {
        Interlocked.Exchange(ref _standing, null)?.TrySetResult();
    }

    /// <summary>Carries nothing any more over the connections that are open now; they stay open. New ones work: so look flows after a router forgot them.</summary>
    public void ForgetFlows()
    {
        Interlocked.Exchange(ref _dropFlows, new CancellationTokenSource()).Cancel();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections.Keys);
        _dropFlows.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                Interlocked.Increment(ref _accepted);
                var task = RelayAsync(socket);
                _connections[task] = true;
                _ = task.ContinueWith(done => _connections.TryRemove(done, out _), TaskScheduler.Default);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return; // stopped
            }
        }
    }

    private async Task RelayAsync(Socket near)
    {
        using var nearEnd = near;
        using var far = new Socket(_target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        near.NoDelay = true;
        far.NoDelay = true;
        try
        {
            if (_options.DialFrom is { } from)
            {
                far.Bind(new IPEndPoint(from, 0));
            }

            await far.ConnectAsync(_target, _stop.Token);
            await Task.WhenAll(
                CarryAsync(near, far, _options.Up, _up, _options.Up.Delay + _options.Down.Delay),
                CarryAsync(far, near, _options.Down, _down, TimeSpan.Zero)
            );
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One end went away: both sockets close, which is what the other end is to see.
        }
    }

    /// <summary>One direction of one connection: what is read waits on its way, then is written. At most a buffer is on its way.</summary>
    private async Task CarryAsync(Socket from, Socket to, LinkDirection direction, LinkClock clock, TimeSpan before)
    {
        var onTheWay =
            QueueLength
            + (
                direction.BytesPerSecond > 0
                    ? (long)(direction.BytesPerSecond * 2 * (direction.Delay + direction.Jitter).TotalSeconds)
                    : 64 << 20
            );
        var pipe = Channel.CreateBounded<(byte[] Bytes, int Length, TimeSpan Arrival)>(
            new BoundedChannelOptions((int)Math.Clamp(onTheWay / ChunkLength, 4, 4096)) { SingleReader = true, SingleWriter = true }
        );
        var writing = DeliverAsync(pipe.Reader, to, clock, Volatile.Read(ref _dropFlows).Token);
        try
        {
            if (before > TimeSpan.Zero)
            {
                await Task.Delay(before, _time, _stop.Token);
            }

            while (true)
            {
                var bytes = ArrayPool<byte>.Shared.Rent(ChunkLength);
                var read = await from.ReceiveAsync(bytes.AsMemory(0, ChunkLength), _stop.Token);
                if (read == 0)
                {
                    ArrayPool<byte>.Shared.Return(bytes);
                    break;
                }

                await pipe.Writer.WriteAsync((bytes, read, clock.Send(read)), _stop.Token);
            }
        }
        catch
        {
            to.Close(); // a reset on one side is one on the other
            pipe.Writer.Complete();
            throw;
        }

        pipe.Writer.Complete();
        await writing;
        to.Shutdown(SocketShutdown.Send);
    }

    private async Task DeliverAsync(
        ChannelReader<(byte[] Bytes, int Length, TimeSpan Arrival)> pipe,
        Socket to,
        LinkClock clock,
        CancellationToken dropped
    )
    {
        await foreach (var (bytes, length, arrival) in pipe.ReadAllAsync(_stop.Token))
        {
            await clock.WaitUntilAsync(arrival, _stop.Token);
            if (_standing is { } standing)
            {
                await standing.Task.WaitAsync(_stop.Token);
            }

            if (dropped.IsCancellationRequested)
            {
                continue;
            }

            for (var sent = 0; sent < length; )
            {
                sent += await to.SendAsync(bytes.AsMemory(sent, length - sent), _stop.Token);
            }

            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
