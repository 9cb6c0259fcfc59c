using System.Net;
using System.Security.Cryptography;
using Distribyted.BitTorrent.Discovery.Dht;
using Distribyted.BitTorrent.Discovery.Names;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;
using Distribyted.BitTorrent.Transport;
using Distribyted.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Discovery.Tests.Dht;

/// <summary>Our own DHT in a network in memory.</summary>
internal sealed class DhtBench : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _all = [];
    private readonly HostNames _names;

    public DhtBench(int seed = 1)
    {
        Network = new MemoryNetwork(new FakeTimeProvider(), seed);
        _names = new HostNames(Network.Clock, host => Task.FromResult(Hosts.GetValueOrDefault(host, [])));
    }

    public MemoryNetwork Network { get; }

    public RecordingLog Log { get; } = new();

    /// <summary>Names of bootstrap hosts.</summary>
    public Dictionary<string, IPAddress[]> Hosts { get; } = [];

    public static PeerEndPoint At(string address, int port = 6881)
    {
        return new PeerEndPoint(IPAddress.Parse(address), port);
    }

    /// <summary>The public address of node number <paramref name="i"/>, each in a network of its own.</summary>
    public static PeerEndPoint Public(int i)
    {
        return At($"20.{i / 250}.{i % 250}.7", 6881);
    }

    public static NodeId RandomId()
    {
        return new NodeId(RandomNumberGenerator.GetBytes(NodeId.Length));
    }

    public static KrpcMessage Read(ReadOnlySpan<byte> datagram)
    {
        Assert.That(KrpcReader.TryRead(datagram, out var message), Is.Null);
        return message;
    }

    /// <summary>The id as in <paramref name="near"/>, but for the bits behind the first <paramref name="shared"/>.</summary>
    public static NodeId Near(NodeId near, int shared)
    {
        var bytes = new byte[NodeId.Length];
        near.CopyTo(bytes);
        bytes[shared / 8] ^= (byte)(0x80 >> (shared % 8));
        RandomNumberGenerator.Fill(bytes.AsSpan((shared / 8) + 1));
        return new NodeId(bytes);
    }

    public ScriptedNode Scripted(PeerEndPoint endPoint, NodeId? id = null)
    {
        return new ScriptedNode(Network, endPoint, id ?? SecureNodeId.Make(endPoint, RandomNumberGenerator.GetBytes(NodeId.Length)));
    }

    /// <summary>Makes a node of ours and starts it.</summary>
    public DhtServices Start(PeerEndPoint endPoint, params string[] bootstrap)
    {
        return Start([endPoint], null, bootstrap);
    }

    public DhtServices Start(PeerEndPoint[] endPoints, string? path, string[] bootstrap, PeerEndPoint? publicAddress = null)
    {
        var services = Create(endPoints, path, bootstrap, publicAddress, out _);
        services.Start();
        return services;
    }

    public DhtServices Create(PeerEndPoint[] endPoints, string? path, string[] bootstrap, PeerEndPoint? publicAddress, out MemoryPort port)
    {
        port = Network.Open(endPoints[0], endPoints[1..]);
        var services = new DhtServices(
            new DiscoveryOptions { DhtBootstrap = bootstrap, PublicAddresses = publicAddress is { } known ? [known.Address] : [] },
            port,
            new AddressGuard(new TransportOptions(), []),
            Network.Clock,
            Log,
            _names,
            new ExternalAddress(),
            path
        );
        _all.Add(services);
        return services;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var services in _all)
        {
            await services.DisposeAsync();
        }

        _names.Dispose();
    }
}
