using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Encryption;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Torrents;
using Distribyted.BitTorrent.Transport;
using Distribyted.BitTorrent.Transport.Encryption;
using Distribyted.Lab;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>Who connects to whom with each value of <c>torrent.encryption</c>, and what goes over the line.</summary>
[TestFixture, CancelAfter(60_000)]
internal sealed class EncryptionTests
{
    private static readonly LabContent Film = LabContent.File("film.mkv", 3L << 20);

    [TestCase(EncryptionMode.Prefer, EncryptionMode.Prefer)]
    [TestCase(EncryptionMode.Prefer, EncryptionMode.Require)]
    [TestCase(EncryptionMode.Prefer, EncryptionMode.Disable)]
    [TestCase(EncryptionMode.Require, EncryptionMode.Prefer)]
    [TestCase(EncryptionMode.Require, EncryptionMode.Require)]
    [TestCase(EncryptionMode.Disable, EncryptionMode.Prefer)]
    [TestCase(EncryptionMode.Disable, EncryptionMode.Disable)]
    public async Task Sessions_that_can_understand_each_other_do(
        EncryptionMode ours,
        EncryptionMode theirs,
        CancellationToken cancellationToken
    )
    {
        await using var swarm = await StartSeederAsync(theirs, 150, cancellationToken);
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken, o => o.Transport.Encryption = ours);

        var torrent = await AddAsync(bed, swarm, cancellationToken);

        await bed.GetInfoAsync(torrent, cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
    }

    [TestCase(EncryptionMode.Require, EncryptionMode.Disable)]
    [TestCase(EncryptionMode.Disable, EncryptionMode.Require)]
    public async Task Sessions_that_exclude_each_other_never_join(
        EncryptionMode ours,
        EncryptionMode theirs,
        CancellationToken cancellationToken
    )
    {
        await using var swarm = await StartSeederAsync(theirs, 151, cancellationToken);
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken, o => o.Transport.Encryption = ours);

        var torrent = await AddAsync(bed, swarm, cancellationToken);

        await bed.Log.WaitForAsync(1006, cancellationToken); // the dial failed
        Assert.That(torrent.GetStatistics().Peers, Is.Zero);
        Assert.That(torrent.HasMetadata, Is.False);
    }

    [Test]
    public async Task Who_requires_encryption_takes_no_handshake_in_the_clear(CancellationToken cancellationToken)
    {
        await using var bed = await StartServingAsync(EncryptionMode.Require, cancellationToken);

        Assert.That(
            async () => await RawPeer.DialAsync(bed.Session.ListenPort, bed.Info.InfoHash, cancellationToken),
            Throws.InstanceOf<IOException>().Or.InstanceOf<SocketException>()
        );
    }

    [TestCase(EncryptionMode.Prefer, CryptoMethods.Rc4 | CryptoMethods.Plaintext, CryptoMethods.Plaintext)]
    [TestCase(EncryptionMode.Prefer, CryptoMethods.Rc4, CryptoMethods.Rc4)]
    [TestCase(EncryptionMode.Require, CryptoMethods.Rc4 | CryptoMethods.Plaintext, CryptoMethods.Rc4)]
    public async Task An_encrypted_handshake_is_answered_with_the_method_that_the_mode_wants(
        EncryptionMode mode,
        CryptoMethods offered,
        CryptoMethods selected,
        CancellationToken cancellationToken
    )
    {
        await using var bed = await StartServingAsync(mode, cancellationToken);
        using var transport = await DialAsync(bed, cancellationToken);

        var (handshake, answer) = await ShakeAsync(transport, bed.Info.InfoHash, offered, cancellationToken);

        Assert.That(handshake.Selected, Is.EqualTo(selected));
        Assert.That(answer.InfoHash, Is.EqualTo(bed.Info.InfoHash));
    }

    [TestCase(EncryptionMode.Require, CryptoMethods.Plaintext)]
    [TestCase(EncryptionMode.Disable, CryptoMethods.Plaintext | CryptoMethods.Rc4)]
    public async Task An_encrypted_handshake_that_is_not_allowed_ends_the_connection(
        EncryptionMode mode,
        CryptoMethods offered,
        CancellationToken cancellationToken
    )
    {
        await using var bed = await StartServingAsync(mode, cancellationToken);
        using var transport = await DialAsync(bed, cancellationToken);

        Assert.That(
            async () => await ShakeAsync(transport, bed.Info.InfoHash, offered, cancellationToken),
            Throws.InstanceOf<IOException>().Or.InstanceOf<SocketException>()
        );
    }

    [Test]
    public async Task A_torrent_that_was_removed_is_not_found_any_more(CancellationToken cancellationToken)
    {
        await using var bed = await StartServingAsync(EncryptionMode.Prefer, cancellationToken);
        await bed.Session.RemoveAsync(bed.Info.InfoHash, pieces: true, cancellationToken);
        using var transport = await DialAsync(bed, cancellationToken);

        Assert.That(
            async () => await ShakeAsync(transport, bed.Info.InfoHash, CryptoMethods.Rc4, cancellationToken),
            Throws.InstanceOf<IOException>().Or.InstanceOf<SocketException>()
        );
        await bed.WaitForAsync(() => bed.Log.All.Contains("for a torrent that is not here", StringComparison.Ordinal), cancellationToken);
    }

    [Test]
    public async Task Bytes_that_come_one_by_one_are_a_handshake_too(CancellationToken cancellationToken)
    {
        await using var bed = await StartServingAsync(EncryptionMode.Prefer, cancellationToken);
        using var transport = new Drop(await DialAsync(bed, cancellationToken));

        var (_, answer) = await ShakeAsync(transport, bed.Info.InfoHash, CryptoMethods.Rc4, cancellationToken);

        Assert.That(answer.InfoHash, Is.EqualTo(bed.Info.InfoHash));
    }

    private static Task<LabSwarm> StartSeederAsync(EncryptionMode mode, int address, CancellationToken cancellationToken)
    {
        return LabSwarm.StartAsync(
            new LabSwarmOptions
            {
                Content = Film,
                Seeders = 1,
                FirstAddress = address,
                Encryption = mode,
            },
            cancellationToken
        );
    }

    /// <summary>A torrent that is looked for, so that it takes connections.</summary>
    private static async Task<SwarmBed> StartServingAsync(EncryptionMode mode, CancellationToken cancellationToken)
    {
        var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken, o => o.Transport.Encryption = mode);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await bed.WaitForAsync(() => torrent.Swarm is not null, cancellationToken);
        return bed;
    }

    private static async Task<IPeerTransport> DialAsync(SwarmBed bed, CancellationToken cancellationToken)
    {
        return await TcpTransport.ConnectAsync(
            new PeerEndPoint(IPAddress.Loopback, bed.Session.ListenPort),
            new TransportOptions(),
            cancellationToken
        );
    }

    private static async Task<(OutgoingEncryption, Handshake)> ShakeAsync(
        IPeerTransport transport,
        InfoHash torrent,
        CryptoMethods offered,
        CancellationToken cancellationToken
    )
    {
        var hello = new byte[Handshake.Length];
        new Handshake(torrent, PeerId.CreateRandom()).Write(hello);
        var encryption = new OutgoingEncryption(torrent, offered, hello);
        await EncryptionNegotiation.RunAsync(transport, encryption, default, cancellationToken);
        var buffer = new byte[4096];
        Handshake answer;
        while (!Handshake.TryRead(encryption.Received.Span, out answer))
        {
            var count = await transport.ReceiveAsync(buffer, cancellationToken);
            Assert.That(count, Is.Positive);
            encryption.Receive(buffer.AsSpan(0, count));
        }

        return (encryption, answer);
    }

    private static Task<Torrent> AddAsync(SwarmBed bed, LabSwarm swarm, CancellationToken cancellationToken)
    {
        return bed.Session.AddAsync(
            new TorrentSource(
                swarm.Torrent.Info.InfoHash,
                null,
                [
                    [swarm.TrackerUrl],
                ],
                []
            ),
            cancellationToken
        );
    }

    /// <summary>Sends each byte alone.</summary>
    private sealed class Drop(IPeerTransport inner) : IPeerTransport
    {
        public PeerEndPoint Remote => inner.Remote;

        public int Unread => inner.Unread;

        public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            return inner.ReceiveAsync(buffer, cancellationToken);
        }

        public void Expect(int bytes)
        {
            inner.Expect(bytes);
        }

        public void EndUnlessAcknowledgedWithin(TimeSpan time)
        {
            inner.EndUnlessAcknowledgedWithin(time);
        }

        public void AbortOnDispose()
        {
            inner.AbortOnDispose();
        }

        public async ValueTask SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
        {
            for (var i = 0; i < buffer.Length; i++)
            {
                await inner.SendAsync(buffer.Slice(i, 1), cancellationToken);
            }
        }

        public void Dispose()
        {
            inner.Dispose();
        }
    }
}
