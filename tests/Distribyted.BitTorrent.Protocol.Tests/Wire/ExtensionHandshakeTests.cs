using System.Buffers;
using System.Net;
using CsCheck;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Protocol.Tests.Wire;

public sealed class ExtensionHandshakeTests
{
    private static readonly string[] Words =
    [
        "m",
        "ut_metadata",
        "ut_pex",
        "lt_donthave",
        "upload_only",
        "metadata_size",
        "p",
        "reqq",
        "v",
        "yourip",
    ];

    [Test]
    public void One_from_the_wild_is_read()
    {
        var text = Fuzz.Ascii(
            "d12:complete_agoi5e1:md11:lt_donthavei7e10:share_modei8e11:upload_onlyi3e12:ut_holepunchi4e11:ut_metadatai2e6:ut_pexi1ee"
                + "13:metadata_sizei31235e4:reqqi500e1:v18:libtorrent/2.0.8.06:yourip4:\x7f\0\0\u0001e"
        );

        var read = ExtensionHandshake.Read(text);

        Assert.That(
            read,
            Is.EqualTo(
                new ExtensionHandshake
                {
                    Ids = NamedNumbers
                        .None.With("ut_metadata", 2)
                        .With("ut_pex", 1)
                        .With("lt_donthave", 7)
                        .With("upload_only", 3)
                        .With("ut_holepunch", 4)
                        .With("share_mode", 8),
                    Numbers = NamedNumbers.None.With("complete_ago", 5),
                    MetadataSize = 31235,
                    RequestQueue = 500,
                    Client = "libtorrent/2.0.8.0",
                    YourIp = IPAddress.Loopback,
                }
            )
        );
    }

    [TestCase("d1:md6:ut_pexi01ee4:reqqi0500e4:reqqi500ee")]
    [TestCase("d1:md6:ut_pexi1ee1:pie4:reqqi500ee")]
    public void A_number_that_is_badly_written_does_not_cost_the_peer(string text)
    {
        var read = ExtensionHandshake.Read(Fuzz.Ascii(text));

        Assert.That((read.IdOf("ut_pex"), read.RequestQueue), Is.EqualTo(((byte)1, 500)));
    }

    [TestCase(0L, null)]
    [TestCase(-1L, null)]
    [TestCase(1L, 1)]
    [TestCase(32L * 1024 * 1024, 32 * 1024 * 1024)]
    public void Metadata_has_a_size_or_none(long claimed, int? expected)
    {
        var read = ExtensionHandshake.Read(Fuzz.Ascii($"d13:metadata_sizei{claimed}ee"));

        Assert.That(read.MetadataSize, Is.EqualTo(expected));
    }

    [TestCase((32L * 1024 * 1024) + 1)]
    [TestCase(int.MaxValue)]
    [TestCase(long.MaxValue)]
    public void More_metadata_than_anyone_has_is_refused(long claimed)
    {
        var refusal = Assert.Throws<ProtocolException>(() => ExtensionHandshake.Read(Fuzz.Ascii($"d13:metadata_sizei{claimed}ee")));

        Assert.That(refusal.Error, Is.EqualTo(ProtocolError.TooLarge));
    }

    [TestCase("de")]
    [TestCase("d1:mi5ee")]
    [TestCase("d1:mle1:p3:abc4:reqqle1:vi1e6:yourip3:abce")]
    [TestCase("d1:md6:ut_pexi256e11:ut_metadatai-1eee")]
    [TestCase("d1:pi0ee")]
    [TestCase("d1:pi65536e4:reqqi0ee")]
    [TestCase("d1:dd1:xi1eee")]
    public void Odd_fields_are_as_good_as_absent(string text)
    {
        Assert.That(ExtensionHandshake.Read(Fuzz.Ascii(text)), Is.EqualTo(new ExtensionHandshake()));
    }

    [Test]
    public void A_client_name_is_short_and_printable()
    {
        var read = ExtensionHandshake.Read([.. "d1:v200:"u8, .. Enumerable.Repeat((byte)'\n', 200), (byte)'e']);

        Assert.That(read.Client, Is.EqualTo(new string('.', 64)));
    }

    [Test]
    public void A_later_one_changes_only_what_it_says()
    {
        var first = new ExtensionHandshake
        {
            Ids = NamedNumbers.None.With("ut_metadata", 2).With("ut_pex", 1),
            RequestQueue = 250,
            Client = "a",
        };

        var now = first.Then(ExtensionHandshake.Read("d1:md6:ut_pexi0ee11:upload_onlyi1ee"u8));

        Assert.That(now, Is.EqualTo(first.WithId("ut_pex", 0) with { Numbers = NamedNumbers.None.With("upload_only", 1) }));
    }

    [Test]
    public void What_is_written_is_read()
    {
        var names = Gen.String[Gen.Char['!', '~'], 1, NamedNumbers.MaxNameLength];
        Gen.Select(
                Gen.Select(names, Gen.Byte).Array[0, 40],
                Gen.Select(names.Where(static n => !Words.Contains(n)), Gen.Long).Array[0, 40],
                Gen.Int[1, 32 * 1024 * 1024].Nullable(),
                Gen.Int[1, 5000].Nullable(),
                Gen.Int[1, 65535].Nullable(),
                Gen.String[Gen.Char.AlphaNumeric, 0, 30],
                Gen.Byte.Array[4]
            )
            .Sample(
                static (ids, numbers, size, queue, port, client, ip) =>
                {
                    var written = new ExtensionHandshake
                    {
                        Ids = ids.Aggregate(NamedNumbers.None, static (all, id) => all.With(id.Item1, id.Item2)),
                        Numbers = numbers.Aggregate(NamedNumbers.None, static (all, number) => all.With(number.Item1, number.Item2)),
                        MetadataSize = size,
                        RequestQueue = queue,
                        ListenPort = port,
                        Client = client,
                        YourIp = new IPAddress(ip),
                    };
                    var output = new ArrayBufferWriter<byte>();
                    written.Write(output);
                    return ExtensionHandshake.Read(output.WrittenSpan) == written;
                },
                iter: 2_000
            );
    }

    [Test]
    public void Names_are_bounded_in_number_and_length()
    {
        var many = string.Concat(Enumerable.Range(100, 100).Select(static i => $"3:{i}i1e"));

        var read = ExtensionHandshake.Read(Fuzz.Ascii($"d{many}1:md{many}40:{new string('x', 40)}i1e3:a bi1eee"));

        Assert.That(read.Ids.Entries.Length, Is.EqualTo(NamedNumbers.MaxCount));
        Assert.That(read.Numbers.Entries.Length, Is.EqualTo(NamedNumbers.MaxCount));
    }

    [TestCase("d1:md40:0123456789012345678901234567890123456789i1eee")]
    [TestCase("d1:md3:a bi1eee")]
    [TestCase("d1:md0:i1eee")]
    public void What_cannot_be_a_name_is_ignored(string text)
    {
        Assert.That(ExtensionHandshake.Read(Fuzz.Ascii(text)), Is.EqualTo(new ExtensionHandshake()));
    }

    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        var good = Fuzz.Ascii(
            "d1:md11:ut_metadatai2e6:ut_pexi1ee13:metadata_sizei31235e1:pi6881e4:reqqi500e1:v3:abc6:yourip4:\x7f\0\0\u0001e"
        );

        Fuzz.EveryTextIsReadOrRefused(static bytes => ExtensionHandshake.Read(bytes), [good], Words);
    }
}
