using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.Testing;

/// <summary>A real peer over TCP, with one habit. It listens on an address of its own, can also dial, and notes what it was asked.</summary>
internal sealed class FaultyPeer : IAsyncDisposable
{
    private readonly FaultyPeerOptions _options;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, bool> _conversations = new();
    private readonly Task _accepting;

    private FaultyPeer(FaultyPeerOptions options)
    {
        _listener = new TcpListener(options.Address, options.Port);
        _listener.Start();
        EndPoint = new PeerEndPoint((IPEndPoint)_listener.LocalEndpoint);
        _options = options with { Port = EndPoint.Port };
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public PeerEndPoint EndPoint { get; }

    /// <summary>What it saw and did.</summary>
    public PeerRecord Record { get; } = new();

    /// <summary>Begins to listen.</summary>
    public static FaultyPeer Start(FaultyPeerOptions options)
    {
        return new FaultyPeer(options);
    }

    /// <summary>Another one that listens where this one did, which must have been disposed.</summary>
    public FaultyPeer StartAgain()
    {
        return new FaultyPeer(_options);
    }

    /// <summary>Connects to a client instead of waiting for it; the conversation goes on in the background.</summary>
    public async Task DialAsync(IPEndPoint target, CancellationToken cancellationToken)
    {
        var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(_options.Address, 0));
            await socket.ConnectAsync(target, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        Begin(socket, dialled: true);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_conversations.Keys);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                socket.NoDelay = true;
                Begin(socket, dialled: false);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return; // stopped
            }
        }
    }

    private void Begin(Socket socket, bool dialled)
    {
        var task = TalkAsync(socket, dialled);
        _conversations[task] = true;
        _ = task.ContinueWith(done => _conversations.TryRemove(done, out _), TaskScheduler.Default);
    }

    private async Task TalkAsync(Socket socket, bool dialled)
    {
        Record.Opened();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        try
        {
            using var conversation = new FaultyConversation(socket, _options, Record, dialled);
            await conversation.RunAsync(over);
        }
        finally
        {
            Record.Closed();
        }
    }
}
