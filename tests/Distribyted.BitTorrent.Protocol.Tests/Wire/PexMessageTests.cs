using System.Buffers;
using System.Net;
using CsCheck;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Protocol.Tests.Wire;

public sealed class PexMessageTests
{
    [Test]
    public void Who_came_and_who_went_is_read()
    {
        byte[] text =
        [
            .. "d5:added12:"u8,
            1,
            2,
            3,
            4,
            0x1A,
            0xE1,
            5,
            6,
            7,
            8,
            0,
            80,
            .. "7:added.f2:"u8,
            0x12,
            0,
            .. "6:added618:"u8,
            .. IPAddress.IPv6Loopback.GetAddressBytes(),
            0,
            99,
            .. "8:added6.f1:"u8,
            2,
            .. "7:dropped6:"u8,
            9,
            9,
            9,
            9,
            0,
            9,
            .. "8:dropped60:e"u8,
        ];

        var read = PexMessage.Read(text);

        Assert.That(
            read.Added,
            Is.EqualTo(
                new[]
                {
                    new PexPeer(EndPoint("1.2.3.4:6881"), PexTraits.UploadOnly | PexTraits.Reachable),
                    new PexPeer(EndPoint("5.6.7.8:80"), PexTraits.None),
                    new PexPeer(EndPoint("[::1]:99"), PexTraits.UploadOnly),
                }
            )
        );
        Assert.That(read.Dropped, Is.EqualTo(new[] { EndPoint("9.9.9.9:9") }));
    }

    [TestCase(0, 0)]
    [TestCase(5, 0)]
    [TestCase(6, 1)]
    [TestCase(7, 1)]
    [TestCase(6 * 49, 49)]
    [TestCase(6 * 50, 50)]
    [TestCase(6 * 51, 50)]
    [TestCase(6 * 10_000, 50)]
    public void No_more_than_fifty_are_believed(int bytes, int peers)
    {
        byte[] text = [.. Fuzz.Ascii($"d5:added{bytes}:"), .. Enumerable.Repeat((byte)7, bytes), (byte)'e'];

        Assert.That(PexMessage.Read(text).Added, Has.Count.EqualTo(peers));
    }

    [TestCase("de")]
    [TestCase("d5:addedi1e7:added.fle7:droppeddee")]
    [TestCase("d5:added6:\u0001\u0002\u0003\u0004\0\0e")]
    public void Odd_fields_and_peers_without_a_port_are_ignored(string text)
    {
        var read = PexMessage.Read(Fuzz.Ascii(text));

        Assert.That((read.Added.Count, read.Dropped.Count), Is.EqualTo((0, 0)));
    }

    [Test]
    public void What_is_written_is_read_up_to_fifty_of_each_family()
    {
        var genEndPoint = Gen.Select(
            Gen.OneOf(Gen.Byte[1, 254].Array[4], Gen.Byte[1, 254].Array[16]),
            Gen.Int[1, 65535],
            static (ip, port) => new PeerEndPoint(new IPAddress(ip), port)
        );
        Gen.Select(
                Gen.Select(genEndPoint, Gen.Byte[0, 31], static (e, f) => new PexPeer(e, (PexTraits)f)).List[0, 130],
                genEndPoint.List[0, 130]
            )
            .Sample(
                static (added, dropped) =>
                {
                    var output = new ArrayBufferWriter<byte>();
                    new PexMessage(added, dropped).Write(output);
                    var read = PexMessage.Read(output.WrittenSpan);
                    return read.Added.SequenceEqual(First(added, static p => p.EndPoint))
                        && read.Dropped.SequenceEqual(First(dropped, static p => p))
                        && output.WrittenCount < 4096;
                },
                iter: 500
            );
    }

    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        Fuzz.EveryTextIsReadOrRefused(
            static bytes => PexMessage.Read(bytes),
            ["d5:added6:abcdef7:added.f1:x6:added60:8:added6.f0:7:dropped6:abcdefe"u8.ToArray()],
            ["added", "added.f", "added6", "added6.f", "dropped", "dropped6"]
        );
    }

    private static IEnumerable<T> First<T>(IEnumerable<T> all, Func<T, PeerEndPoint> endPoint)
    {
        var list = all.ToList();
        return list.Where(p => !endPoint(p).IsIPv6).Take(50).Concat(list.Where(p => endPoint(p).IsIPv6).Take(50));
    }

    private static PeerEndPoint EndPoint(string text)
    {
        return new PeerEndPoint(IPEndPoint.Parse(text));
    }
}
