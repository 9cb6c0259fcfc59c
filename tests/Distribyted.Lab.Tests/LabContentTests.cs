using System.Security.Cryptography;
using CsCheck;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.Lab.Tests;

internal sealed class LabContentTests
{
    [Test]
    public void Any_part_is_the_same_as_that_part_of_the_whole()
    {
        var content = LabContent.File("film.mkv", 10_000, seed: 7);
        var whole = content.Bytes(0, 10_000);

        Gen.Select(Gen.Int[0, 9_999], Gen.Int[0, 300])
            .Sample(
                (offset, length) =>
                {
                    var part = content.Bytes(offset, Math.Min(length, 10_000 - offset));
                    return part.AsSpan().SequenceEqual(whole.AsSpan(offset, part.Length));
                }
            );
    }

    [Test]
    public void Another_seed_gives_other_bytes_and_none_repeats_soon()
    {
        var one = LabContent.File("a", 1 << 20, seed: 1).Bytes(0, 1 << 20);
        var two = LabContent.File("a", 1 << 20, seed: 2).Bytes(0, 1 << 20);

        var same = one.Zip(two).Count(pair => pair.First == pair.Second);
        Assert.That(same, Is.InRange(3000, 5300), "one in 256 by chance");
        Assert.That(one.AsSpan(4096, 4096).SequenceEqual(one.AsSpan(0, 4096)), Is.False);
    }

    [TestCase(1024)]
    [TestCase(16384)]
    [TestCase(30000)]
    public void The_torrent_has_the_hashes_of_the_content(int pieceLength)
    {
        var content = LabContent.Folder(
            "season",
            [new LabFile("one.mkv", 70_001), new LabFile("extra/two.mkv", 1), new LabFile("three", 40_000)]
        );

        MetainfoFile torrent = content.CreateTorrent(
            pieceLength,
            [
                ["http://127.0.0.1:1/announce"],
            ]
        );

        var layout = torrent.Info.Layout;
        for (var piece = 0; piece < layout.PieceCount; piece++)
        {
            var hash = SHA1.HashData(content.Bytes(layout.StartOf(piece), layout.LengthOf(piece)));
            Assert.That(torrent.Info.PieceHashes.Slice(piece * 20, 20).ToArray(), Is.EqualTo(hash));
        }

        Assert.That(
            torrent.Info.Files.Select(file => string.Join('/', file.Path)),
            Is.EqualTo(new[] { "one.mkv", "extra/two.mkv", "three" })
        );
        Assert.That(
            torrent.Info.Files.Select(file => file.Offset),
            Is.EqualTo(new[] { content.StartOf(0), content.StartOf(1), content.StartOf(2) })
        );
    }

    [Test]
    public async Task Files_on_disk_and_as_streams_are_the_content()
    {
        var folder = Directory.CreateTempSubdirectory("distribyted-lab-test-").FullName;
        try
        {
            var content = LabContent.Folder("season", [new LabFile("one.mkv", 70_001), new LabFile("extra/two.mkv", 12)]);

            await content.WriteToAsync(folder, CancellationToken.None);

            Assert.That(content.Matches(0, 0, await File.ReadAllBytesAsync(Path.Combine(folder, "one.mkv"))));
            Assert.That(content.Matches(1, 0, await File.ReadAllBytesAsync(Path.Combine(folder, "extra", "two.mkv"))));
            await using var stream = content.OpenRead(1);
            stream.Seek(-4, SeekOrigin.End);
            var tail = new byte[10];
            Assert.That(await stream.ReadAsync(tail), Is.EqualTo(4));
            Assert.That(content.Matches(1, 8, tail.AsSpan(0, 4)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
