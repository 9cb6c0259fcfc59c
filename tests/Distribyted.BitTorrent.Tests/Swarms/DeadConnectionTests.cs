using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>Connections whose other end is gone without a word, as after a suspend or on a new network: nothing tells of them.</summary>
internal sealed class DeadConnectionTests
{
    [Test]
    [CancelAfter(60_000)]
    public async Task They_end_within_seconds_after_a_stop_or_a_new_address_and_those_that_answer_stay(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("Packets are dropped by a filter that only Linux has.");
            return;
        }

        await using var bed = await SwarmBed.StartAsync(LabContent.File("film.mkv", 1_000_000), 64.KiB(), cancellationToken);
        var answers = bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddMagnetWithInfoAsync(cancellationToken);
        using var dead = await DialAsync(bed, cancellationToken);
        await bed.WaitForAsync(() => bed.Session.Services.Connections.Taken == 2, cancellationToken);
        DropAllPackets(dead);

        bed.Session.WorldReturned(isForgotten: false);

        // The limit for a peer that says nothing is 150 s.
        await bed.WaitForAsync(() => bed.Session.Services.Connections.Taken == 1, cancellationToken);
        Assert.That(answers.Record.Connections, Is.EqualTo(1), "its connection was never closed");
    }

    private static async Task<Socket> DialAsync(SwarmBed bed, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, bed.Session.ListenPort), cancellationToken);
        var hello = new byte[Handshake.Length];
        new Handshake(bed.Info.InfoHash, PeerId.CreateRandom(), 0).Write(hello);
        await socket.SendAsync(hello, cancellationToken);
        return socket;
    }

    /// <summary>From now on this end receives nothing, not even an acknowledgement, and so acknowledges nothing (SO_ATTACH_FILTER, BPF "return 0").</summary>
    private static void DropAllPackets(Socket socket)
    {
        const int SolSocket = 1;
        const int SoAttachFilter = 26;
        byte[] program = [6, 0, 0, 0, 0, 0, 0, 0]; // struct sock_filter: BPF_RET | BPF_K, keep 0 bytes
        var pinned = GCHandle.Alloc(program, GCHandleType.Pinned);
        try
        {
            Span<byte> filter = stackalloc byte[2 * nint.Size]; // struct sock_fprog: one instruction, and where it is
            filter.Clear();
            MemoryMarshal.Write(filter, (ushort)1);
            MemoryMarshal.Write(filter[nint.Size..], pinned.AddrOfPinnedObject());
            socket.SetRawSocketOption(SolSocket, SoAttachFilter, filter);
        }
        finally
        {
            pinned.Free();
        }
    }
}
