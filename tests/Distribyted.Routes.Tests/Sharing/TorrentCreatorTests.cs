using System.Security.Cryptography;
using System.Text;
using Distribyted.BitTorrent.Protocol;
using Distribyted.Routes.Sharing;
using Distribyted.Testing;

namespace Distribyted.Routes.Tests.Sharing;

internal sealed class TorrentCreatorTests
{
    private const int PieceLength = 16 * 1024;

    [Test]
    public async Task A_folder_gets_the_info_hash_that_the_Go_program_gave_it()
    {
        using var folder = new TempFolder();
        var (first, second) = (Content(20_000, 1), Content(5, 2));
        folder.Write("share/b.txt", first);
        folder.Write("share/b/inner.txt", second);
        folder.Write("share/.empty", []);

        var info = await DescribeAsync(folder.At("share"), null);

        // By hand: files sorted by path as bytes, so ".empty" first and "b.txt" before "b/inner.txt" ('.' < '/').
        byte[] all = [.. first, .. second];
        byte[] pieces = [.. SHA1.HashData(all.AsSpan(0, PieceLength)), .. SHA1.HashData(all.AsSpan(PieceLength))];
        byte[] expected =
        [
            .. Encoding.ASCII.GetBytes(
                "d5:filesl"
                    + "d6:lengthi0e4:pathl6:.emptyee"
                    + "d6:lengthi20000e4:pathl5:b.txtee"
                    + "d6:lengthi5e4:pathl1:b9:inner.txteee"
                    + "4:name5:share12:piece lengthi16384e6:pieces40:"
            ),
            .. pieces,
            (byte)'e',
        ];
        Assert.That(info.Bytes.ToArray(), Is.EqualTo(expected));
        Assert.That(info.InfoHash, Is.EqualTo(InfoHash.Compute(expected)));
    }

    [Test]
    public async Task A_private_folder_says_so()
    {
        using var folder = new TempFolder();
        folder.Write("a", Content(1, 1));

        var files = FolderScan.Of(folder.Path).Files;
        var (hashes, _) = await TorrentCreator.HashAsync(folder.Path, files, PieceLength, null, null, CancellationToken.None);
        var info = TorrentCreator.Describe("x", hashes, isPrivate: true);

        Assert.That(info.IsPrivate, Is.True);
        Assert.That(Encoding.ASCII.GetString(info.Bytes.Span[^13..]), Does.EndWith("7:privatei1ee"));
    }

    [Test]
    public async Task Hashes_from_before_times_of_change_are_good_and_those_that_were_doubted_are_not()
    {
        using var folder = new TempFolder();
        folder.Write("a", Content(PieceLength, 1));
        folder.Write("b", Content(2 * PieceLength, 2));
        var files = FolderScan.Of(folder.Path).Files;
        var (hashes, _) = await TorrentCreator.HashAsync(folder.Path, files, PieceLength, null, null, CancellationToken.None);
        var old = hashes with { Files = [.. hashes.Files.Select(f => f with { Changed = 0 })] };

        var (_, afterUpgrade) = await TorrentCreator.HashAsync(folder.Path, files, PieceLength, old, null, CancellationToken.None);
        var (_, afterDoubt) = await TorrentCreator.HashAsync(
            folder.Path,
            files,
            PieceLength,
            hashes.Without(1),
            null,
            CancellationToken.None
        );

        Assert.That(afterUpgrade, Is.Zero);
        Assert.That(afterDoubt, Is.EqualTo(2), "the file of the piece, and no other");
    }

    [Test]
    public async Task Only_pieces_of_changed_files_are_read_again()
    {
        using var folder = new TempFolder();
        folder.Write("a", Content(4 * PieceLength, 1));
        folder.Write("b", Content(4 * PieceLength, 2));
        var (before, read) = await HashAsync(folder.Path, null);
        Assert.That(read, Is.EqualTo(8));

        folder.Write("b", Content((4 * PieceLength) + 1, 3));
        var (after, readAgain) = await HashAsync(folder.Path, before);

        Assert.That(readAgain, Is.EqualTo(5));
        Assert.That(after.Pieces[..80], Is.EqualTo(before.Pieces[..80]));
        Assert.That(after.Pieces, Is.EqualTo((await HashAsync(folder.Path, null)).Hashes.Pieces));
    }

    [Test]
    public async Task A_file_that_comes_first_shifts_whole_pieces_without_reading_them_again()
    {
        using var folder = new TempFolder();
        folder.Write("b", Content(4 * PieceLength, 1));
        var (before, _) = await HashAsync(folder.Path, null);

        folder.Write("a", Content(PieceLength, 2));
        var (_, read) = await HashAsync(folder.Path, before);

        Assert.That(read, Is.EqualTo(1));
    }

    [Test]
    public async Task Hashes_survive_a_restart_and_damage_is_noticed()
    {
        using var folder = new TempFolder();
        folder.Write("share/a", Content(3 * PieceLength, 1));
        var (hashes, _) = await HashAsync(folder.At("share"), null);
        var store = new HashStore(folder.Path, folder.At("share"));
        Assert.That(await store.LoadAsync(CancellationToken.None), Is.Null);

        await store.SaveAsync(hashes, CancellationToken.None);
        var loaded = await new HashStore(folder.Path, folder.At("share")).LoadAsync(CancellationToken.None);

        Assert.That((await HashAsync(folder.At("share"), loaded)).Read, Is.Zero);
        await store.SaveAsync(hashes with { Pieces = hashes.Pieces[..20] }, CancellationToken.None);
        await Assert.ThrowsAsync<System.Text.Json.JsonException>(async () => await store.LoadAsync(CancellationToken.None));
    }

    [Test]
    public void Links_are_not_followed()
    {
        using var folder = new TempFolder();
        folder.Write("share/a", Content(1, 1));
        Directory.CreateSymbolicLink(folder.At("share/round"), folder.Path);
        File.CreateSymbolicLink(folder.At("share/file"), folder.At("share/a"));

        Assert.That(FolderScan.Of(folder.At("share")).Files.Select(f => f.Path), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public void A_tracker_list_is_lines_of_urls_and_the_rest_is_ignored()
    {
        var list = "udp://t.example:80/announce\r\n\r\n# comment\nhttps://t.example/a\nftp://x\njunk\nudp://t.example:80/announce\n"u8;

        Assert.That(TrackerList.Parse(list), Is.EqualTo(new[] { "udp://t.example:80/announce", "https://t.example/a" }));
    }

    private static async Task<BitTorrent.Protocol.Metainfo.TorrentInfo> DescribeAsync(string folder, FolderHashes? known)
    {
        var (hashes, _) = await HashAsync(folder, known);
        return TorrentCreator.Describe(Path.GetFileName(folder), hashes, isPrivate: false);
    }

    private static Task<(FolderHashes Hashes, int Read)> HashAsync(string folder, FolderHashes? known)
    {
        return TorrentCreator.HashAsync(folder, FolderScan.Of(folder).Files, PieceLength, known, null, CancellationToken.None);
    }

    [Test]
    public async Task How_much_is_hashed_can_be_seen()
    {
        using var folder = new TempFolder();
        await File.WriteAllBytesAsync(Path.Combine(folder.Path, "a"), new byte[3 * PieceLength]);
        var progress = new HashProgress();
        progress.Report(0, 0);
        var before = progress.Part;

        await TorrentCreator.HashAsync(folder.Path, FolderScan.Of(folder.Path).Files, PieceLength, null, progress, CancellationToken.None);

        Assert.That((before, progress.Part), Is.EqualTo((0.0, 1.0)));
    }

    private static byte[] Content(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
