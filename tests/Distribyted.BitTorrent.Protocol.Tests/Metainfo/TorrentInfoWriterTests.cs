using System.Text;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.BitTorrent.Protocol.Tests.Metainfo;

public sealed class TorrentInfoWriterTests
{
    [Test]
    public void A_folder_is_written_with_the_keys_that_all_clients_write()
    {
        var info = TorrentInfoWriter.WriteFolder(
            "n",
            [new NewTorrentFile(["a", "b"], 3), new NewTorrentFile([".pad", "1"], 1, TorrentFileAttributes.Padding)],
            524_288,
            "aaaaaaaaaaaaaaaaaaaa"u8,
            isPrivate: true
        );

        Assert.That(
            Encoding.ASCII.GetString(info.Bytes.Span),
            Is.EqualTo(
                "d5:filesld6:lengthi3e4:pathl1:a1:beed4:attr1:p6:lengthi1e4:pathl4:.pad1:1eee4:name1:n"
                    + "12:piece lengthi524288e6:pieces20:aaaaaaaaaaaaaaaaaaaa7:privatei1ee"
            )
        );
        Assert.That(info.IsPrivate);
        Assert.That(info.Files[1].Attributes, Is.EqualTo(TorrentFileAttributes.Padding));
    }

    [Test]
    public void Nothing_is_written_that_would_not_be_read()
    {
        Assert.That(static () => TorrentInfoWriter.WriteFile("a", 0, 16384, []), Throws.TypeOf<ProtocolException>());
        Assert.That(static () => TorrentInfoWriter.WriteFile("a", 16385, 16384, new byte[20]), Throws.TypeOf<ProtocolException>());
        Assert.That(static () => TorrentInfoWriter.WriteFolder("a", [], 16384, new byte[20]), Throws.TypeOf<ProtocolException>());
    }
}
