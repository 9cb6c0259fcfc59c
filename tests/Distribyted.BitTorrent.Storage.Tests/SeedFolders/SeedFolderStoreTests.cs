using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Storage.SeedFolders;
using Distribyted.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Storage.Tests.SeedFolders;

[TestFixture, CancelAfter(60_000)]
internal sealed class SeedFolderStoreTests : StorageFixture
{
    private readonly TestContent _content = new(1.MiB() + 7, 64.KiB());

    private string FilePath => Path.Combine([Folder, .. _content.Info.Files[0].Path]);

    [SetUp]
    public void WriteContent()
    {
        File.WriteAllBytes(FilePath, _content.Bytes);
    }

    [Test]
    public async Task Every_piece_of_an_unchanged_folder_is_given(CancellationToken cancellationToken)
    {
        using var pieces = new SeedFolderStore(_content.Info, Folder, new RecordedEvents());
        var bitfield = new byte[3];
        pieces.CopyStored(bitfield);

        Assert.That(bitfield, Is.EqualTo(new byte[] { 0xFF, 0xFF, 0x80 }));
        Assert.That(pieces.TryOpen(0, urgent: true).Piece, Is.Null);
        for (var piece = 0; piece < 17; piece++)
        {
            Assert.That(await _content.ReadsTrueAsync(pieces, piece, cancellationToken));
        }
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Changed_bytes_are_never_given(bool readBefore, CancellationToken cancellationToken)
    {
        var events = new RecordedEvents();
        using var pieces = new SeedFolderStore(_content.Info, Folder, events);
        if (readBefore)
        {
            Assert.That(await _content.ReadsTrueAsync(pieces, 3, cancellationToken));
        }

        var changed = (byte[])_content.Bytes.Clone();
        changed[(3 * 64.KiB()) + 100]++;
        File.WriteAllBytes(FilePath, changed);
        File.SetLastWriteTimeUtc(FilePath, new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        Assert.That(await _content.ReadsTrueAsync(pieces, 3, cancellationToken), Is.False);
        Assert.That(await _content.ReadsTrueAsync(pieces, 4, cancellationToken), "the others are as they were");
        Assert.That(events.Gone, Is.EqualTo(new[] { 3 }));
        Assert.That(pieces.StoredCount, Is.EqualTo(16));
    }

    [Test]
    public async Task A_missing_or_cut_file_has_no_pieces(CancellationToken cancellationToken)
    {
        File.WriteAllBytes(FilePath, _content.Bytes[..^1]);
        using (var cut = new SeedFolderStore(_content.Info, Folder, new RecordedEvents()))
        {
            Assert.That(cut.StoredCount, Is.Zero);
        }

        File.WriteAllBytes(FilePath, _content.Bytes);
        using var pieces = new SeedFolderStore(_content.Info, Folder, new RecordedEvents());
        File.Delete(FilePath);
        Assert.That(await _content.ReadsTrueAsync(pieces, 0, cancellationToken), Is.False);
    }

    [Test]
    public async Task A_file_that_cannot_be_read_any_more_has_no_pieces_although_it_looks_unchanged(CancellationToken cancellationToken)
    {
        var events = new RecordedEvents();
        using var pieces = new SeedFolderStore(_content.Info, Folder, events);
        Assert.That(await _content.ReadsTrueAsync(pieces, 3, cancellationToken));

        using (File.Open(FilePath, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.That(await _content.ReadsTrueAsync(pieces, 3, cancellationToken), Is.False);
        }

        Assert.That(events.Gone, Is.EqualTo(new[] { 3 }));
        Assert.That(pieces.StoredCount, Is.EqualTo(16));
    }

    [Test]
    public async Task A_piece_that_could_not_be_read_once_comes_back(CancellationToken cancellationToken)
    {
        var events = new RecordedEvents();
        var owner = new Owner();
        var time = new FakeTimeProvider();
        using var pieces = new SeedFolderStore(_content.Info, Folder, events, owner.PiecesMissing, owner.PieceChanged, time);
        using (File.Open(FilePath, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.That(await _content.ReadsTrueAsync(pieces, 3, cancellationToken), Is.False);
            Assert.That(await _content.ReadsTrueAsync(pieces, 4, cancellationToken), Is.False);
            time.Advance(TimeSpan.FromSeconds(30));
            Assert.That(owner.Missing, Is.EqualTo(2));
        }

        time.Advance(TimeSpan.FromSeconds(30));

        Assert.That(pieces.StoredCount, Is.EqualTo(17));
        Assert.That(events.Stored, Is.EquivalentTo(new[] { 3, 4 }), "peers are told");
        Assert.That(owner.Missing, Is.Zero);
        Assert.That(owner.Changed, Is.Empty, "what cannot be read is no reason to hash anything");
        Assert.That(await _content.ReadsTrueAsync(pieces, 3, cancellationToken));
    }

    [Test]
    public async Task A_folder_that_is_mounted_late_has_its_pieces_then(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        File.Move(FilePath, FilePath + ".away");
        using var pieces = new SeedFolderStore(_content.Info, Folder, new RecordedEvents(), time: time);
        Assert.That(pieces.StoredCount, Is.Zero);

        File.Move(FilePath + ".away", FilePath);
        time.Advance(TimeSpan.FromSeconds(30));

        Assert.That(pieces.StoredCount, Is.EqualTo(17));
        Assert.That(await _content.ReadsTrueAsync(pieces, 16, cancellationToken));
    }

    [Test, Platform("Linux")]
    public async Task A_file_that_is_changed_in_place_with_its_time_of_writing_restored_sends_no_wrong_bytes(
        CancellationToken cancellationToken
    )
    {
        var owner = new Owner();
        using var pieces = new SeedFolderStore(
            _content.Info,
            Folder,
            new RecordedEvents(),
            owner.PiecesMissing,
            owner.PieceChanged,
            new FakeTimeProvider()
        );
        Assert.That(await _content.ReadsTrueAsync(pieces, 3, cancellationToken));
        var written = File.GetLastWriteTimeUtc(FilePath);
        using (var file = new FileStream(FilePath, FileMode.Open, FileAccess.Write))
        {
            file.Position = (3 * 64.KiB()) + 100;
            file.WriteByte((byte)(_content.Bytes[(3 * 64.KiB()) + 100] + 1));
        }

        File.SetLastWriteTimeUtc(FilePath, written);

        Assert.That(await _content.ReadsTrueAsync(pieces, 3, cancellationToken), Is.False);
        Assert.That(owner.Changed, Is.EqualTo(new[] { 3 }), "its files are to be hashed again");
    }

    [Test]
    public async Task Pieces_across_files_and_padding_are_put_together(CancellationToken cancellationToken)
    {
        var one = _content.Bytes[..100_000];
        var two = _content.Bytes[100_000..300_000];
        Directory.CreateDirectory(Path.Combine(Folder, "sub"));
        File.WriteAllBytes(Path.Combine(Folder, "one"), one);
        File.WriteAllBytes(Path.Combine(Folder, "sub", "two"), two);
        byte[] all = [.. one, .. new byte[31_072], .. two];
        var hashes = all.Chunk(64.KiB()).SelectMany(System.Security.Cryptography.SHA1.HashData).ToArray();
        var made = TorrentInfoWriter.WriteFile("x", all.Length, 64.KiB(), hashes);
        var info = new TorrentInfo(
            made.InfoHash,
            "x",
            made.Layout,
            hashes,
            [
                new TorrentFile(["one"], 100_000, 0, TorrentFileAttributes.None),
                new TorrentFile([".pad", "31072"], 31_072, 100_000, TorrentFileAttributes.Padding),
                new TorrentFile(["sub", "two"], 200_000, 131_072, TorrentFileAttributes.None),
            ],
            isSingleFile: false,
            isPrivate: false,
            made.Bytes,
            null
        );
        using var pieces = new SeedFolderStore(info, Folder, new RecordedEvents());
        for (var piece = 0; piece < made.Layout.PieceCount; piece++)
        {
            var length = made.Layout.LengthOf(piece);
            var buffer = new byte[length];

            Assert.That(await pieces.ReadAsync(piece, 0, buffer, cancellationToken), Is.EqualTo(length));
            Assert.That(buffer, Is.EqualTo(all.AsSpan((int)made.Layout.StartOf(piece), length).ToArray()));
        }
    }

    private sealed class Owner
    {
        public int Missing { get; private set; }

        public List<int> Changed { get; } = [];

        public void PiecesMissing(int count)
        {
            Missing = count;
        }

        public void PieceChanged(int piece)
        {
            Changed.Add(piece);
        }
    }
}
