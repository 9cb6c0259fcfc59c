using System.Buffers;
using Distribyted.BitTorrent.Extensions;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Tests.Peers;

namespace Distribyted.BitTorrent.Tests.Extensions;

/// <summary>An extension is one file and one line of registration: this one exists nowhere but here.</summary>
internal sealed class PeerExtensionsTests
{
    private readonly RecordedSwarm _swarm = new();

    [Test]
    public async Task A_registered_extension_is_greeted_with_and_gets_its_messages()
    {
        await using var stand = new PeerStand();
        var peer = stand.Connect(new ExtensionHandshake());
        var extensions = Register(out var echo);

        var greeting = Parse(extensions.Greet(peer, new ExtensionHandshake { Client = "test" }));
        peer.Extensions = new ExtensionHandshake().WithId("x_echo", 5) with { Numbers = NamedNumbers.None.With("x_limit", 3) };
        extensions.HandshakeReceived(peer, 0);
        extensions.Received(peer, EchoExtension.Id, [1, 2, 3], 0);
        extensions.Heartbeat(0);

        Assert.That(greeting.Client, Is.EqualTo("test"));
        Assert.That(greeting.IdOf("x_echo"), Is.EqualTo(EchoExtension.Id));
        Assert.That(greeting.Numbers["x_limit"], Is.EqualTo(8));
        Assert.That(greeting.IdOf("ut_metadata"), Is.Not.Zero);
        Assert.That(_swarm.Sent.Single().Message, Is.EqualTo(new byte[] { 0, 0, 0, 5, 20, 5, 1, 2, 3 }));
        Assert.That(echo.Beats, Is.EqualTo(1));

        extensions.PeerLeft(peer, 0);
        Assert.That(echo.Limits, Is.Empty);
    }

    [Test]
    public async Task A_message_longer_than_the_extension_allows_ends_the_connection_before_it_is_parsed()
    {
        await using var stand = new PeerStand();
        var peer = stand.Connect(new ExtensionHandshake());
        var extensions = Register(out var echo);

        var refusal = Assert.Throws<ProtocolException>(() => extensions.Received(peer, EchoExtension.Id, new byte[echo.MaxLength + 1], 0));

        Assert.That(refusal.Error, Is.EqualTo(ProtocolError.TooLarge));
    }

    [Test]
    public async Task What_is_not_offered_is_neither_greeted_with_nor_processed()
    {
        await using var stand = new PeerStand();
        var peer = stand.Connect(new ExtensionHandshake().WithId("x_echo", 5));
        var extensions = Register(out var echo);
        echo.IsOffered = false;

        var greeting = Parse(extensions.Greet(peer, new ExtensionHandshake()));
        extensions.Received(peer, EchoExtension.Id, new byte[1000], 0);

        Assert.That(greeting.Ids["x_echo"], Is.Null);
        Assert.That(_swarm.Sent, Is.Empty);
    }

    [Test]
    public void Ids_and_names_are_given_out_once()
    {
        var all = PeerExtensions.Registered.Select(make => make(_swarm)).ToList();

        Assert.That(all.Select(static e => e.Name), Is.Unique);
        Assert.That(all.Select(static e => e.LocalId), Is.Unique.And.None.EqualTo(ExtensionHandshake.Id));
        Assert.That(all.Select(static e => e.MaxLength), Is.All.InRange(1, PeerMessageReader.MaxExtendedLength));
    }

    [SetUp]
    public void Clear()
    {
        _swarm.Sent.Clear();
    }

    private PeerExtensions Register(out EchoExtension echo)
    {
        EchoExtension? made = null;
        var extensions = new PeerExtensions(_swarm, [.. PeerExtensions.Registered, s => made = new EchoExtension(s)]);
        echo = made!;
        return extensions;
    }

    private static ExtensionHandshake Parse(byte[] bytes)
    {
        Assert.That(PeerMessageReader.TryRead(bytes, out var message, out _));
        Assert.That((message.Kind, message.ExtensionId), Is.EqualTo((PeerMessageKind.Extended, ExtensionHandshake.Id)));
        return ExtensionHandshake.Read(message.Payload);
    }

    /// <summary>Sends back what it gets, as much as the peer told us it can take.</summary>
    private sealed class EchoExtension(IExtensionSwarm swarm) : IPeerExtension
    {
        public const byte Id = 77;

        public string Name => "x_echo";

        public byte LocalId => Id;

        public int MaxLength => 8;

        public bool IsOffered { get; set; } = true;

        public Dictionary<Peer, long> Limits { get; } = [];

        public int Beats { get; private set; }

        public ExtensionHandshake Greet(Peer peer, ExtensionHandshake handshake)
        {
            return handshake with { Numbers = handshake.Numbers.With("x_limit", MaxLength) };
        }

        public void HandshakeReceived(Peer peer, long now)
        {
            Limits[peer] = peer.Extensions!.Numbers["x_limit"] ?? 0;
        }

        public void Received(Peer peer, ReadOnlySpan<byte> payload, long now)
        {
            var text = payload[..Math.Min(payload.Length, (int)Limits[peer])].ToArray();
            swarm.Send(peer, ExtensionMessages.Make(peer.Extensions!.IdOf(Name), output => output.Write(text)));
        }

        public void Heartbeat(long now)
        {
            Beats++;
        }

        public void PeerLeft(Peer peer, long now)
        {
            Limits.Remove(peer);
        }
    }
}
