using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Swarms;

namespace Distribyted.BitTorrent.Tests.Swarms;

internal sealed class NextFilesTests
{
    private const long Unlimited = long.MaxValue;

    private Dictionary<string, long> _starts = null!;
    private NextFiles _files = null!;

    /// <summary>A season whose files are not in the order of their names, with padding and an empty file between them.</summary>
    [SetUp]
    public void Season()
    {
        Torrent(("s/e3", 300), ("s/e1", 100), ("s/e2.pad", -24), ("s/e2", 200), ("s/e1a", 0), ("t/e4", 400), ("u", 50));
    }

    // Files that were read whole, in this order; then one is opened.
    [TestCase("", "s/e1", ExpectedResult = false, TestName = "Opened_first_of_all")]
    [TestCase("", "u", ExpectedResult = false, TestName = "Opened_first_of_all_and_first_by_name")]
    [TestCase("s/e1", "s/e2", ExpectedResult = false, TestName = "Opened_after_one_whole_file_which_is_no_row")]
    [TestCase("s/e1", "s/e1", ExpectedResult = false, TestName = "Opened_again")]
    [TestCase("s/e1", "s/e3", ExpectedResult = false, TestName = "Opened_with_one_left_out")]
    [TestCase("s/e2", "s/e1", ExpectedResult = false, TestName = "Opened_backwards")]
    [TestCase("s/e3", "t/e4", ExpectedResult = false, TestName = "Opened_in_the_next_folder")]
    [TestCase("s/e1 s/e2", "s/e3", ExpectedResult = true, TestName = "Opened_as_the_third_of_a_row")]
    [TestCase("s/e1 s/e2", "s/e2", ExpectedResult = false, TestName = "Opened_again_in_a_row")]
    [TestCase("s/e1 s/e2", "t/e4", ExpectedResult = false, TestName = "Opened_after_a_row_and_not_the_next")]
    [TestCase("s/e1 t/e4", "s/e2", ExpectedResult = false, TestName = "Opened_after_another_file_came_between")]
    [TestCase("s/e1", "", ExpectedResult = false, TestName = "Opened_where_no_file_starts")]
    public bool Opening(string readWhole, string opened)
    {
        Read(readWhole);

        return _files.Opened(StartOf(opened));
    }

    // Files that are opened and read whole, in this order: what the last one says.
    [TestCase("s/e1", ExpectedResult = false, TestName = "Read_whole_first_of_all")]
    [TestCase("s/e1 s/e2", ExpectedResult = true, TestName = "Read_whole_after_the_one_before_it")]
    [TestCase("s/e1 s/e1", ExpectedResult = false, TestName = "Read_whole_twice_is_no_row")]
    [TestCase("s/e1 s/e2 s/e2", ExpectedResult = true, TestName = "Read_whole_again_in_a_row")]
    [TestCase("s/e1 s/e3", ExpectedResult = false, TestName = "Read_whole_with_one_left_out")]
    [TestCase("s/e3 t/e4", ExpectedResult = false, TestName = "Read_whole_in_the_next_folder")]
    [TestCase("s/e1 s/e2 t/e4", ExpectedResult = false, TestName = "Read_whole_after_the_row_ended")]
    [TestCase("", ExpectedResult = false, TestName = "Read_whole_where_no_file_starts")]
    public bool Reading(string readWhole)
    {
        return Read(readWhole) || (readWhole.Length == 0 && _files.ReadWhole(StartOf("")));
    }

    [Test]
    public void A_scanner_that_opens_every_file_and_reads_none_whole_starts_no_row()
    {
        Assert.That(new[] { "s/e1", "s/e2", "s/e3" }.Any(f => _files.Opened(_starts[f])), Is.False);
    }

    [Test]
    public void A_scanner_that_reads_the_small_file_before_a_film_whole_and_then_looks_into_the_film_starts_no_row()
    {
        _files.Opened(_starts["s/e1"]);
        _files.ReadWhole(_starts["s/e1"]);

        Assert.That(_files.Opened(_starts["s/e2"]), Is.False);
        Assert.That(_files.Opened(_starts["s/e3"]), Is.False);
    }

    [TestCase("s/e1", Unlimited, ExpectedResult = "s/e2:200 s/e3:300", TestName = "After_the_first_come_the_others_by_name")]
    [TestCase("s/e3", Unlimited, ExpectedResult = "", TestName = "After_the_last_of_a_folder_comes_nothing")]
    [TestCase("u", Unlimited, ExpectedResult = "", TestName = "After_a_file_at_the_top_comes_no_folder")]
    [TestCase("", Unlimited, ExpectedResult = "", TestName = "After_an_offset_where_no_file_starts_comes_nothing")]
    [TestCase("s/e1", 0, ExpectedResult = "", TestName = "After_with_a_budget_of_nothing")]
    [TestCase("s/e1", 1, ExpectedResult = "s/e2:1", TestName = "After_with_a_budget_of_one_byte")]
    [TestCase("s/e1", 199, ExpectedResult = "s/e2:199", TestName = "After_with_one_byte_less_than_the_next_file")]
    [TestCase("s/e1", 200, ExpectedResult = "s/e2:200", TestName = "After_with_exactly_the_next_file")]
    [TestCase("s/e1", 201, ExpectedResult = "s/e2:200 s/e3:1", TestName = "After_with_one_byte_more_than_the_next_file")]
    public string Following(string file, long budget)
    {
        var names = _starts.ToDictionary(static s => s.Value, static s => s.Key);
        return string.Join(' ', _files.After(StartOf(file), budget).Select(r => $"{names[r.Start]}:{r.End - r.Start}"));
    }

    [Test]
    public void An_empty_file_does_not_hide_the_file_that_starts_where_it_does()
    {
        Torrent(("a", 10), ("b", 0), ("c", 20), ("d", 30));

        Assert.That(Following("a", Unlimited), Is.EqualTo("c:20 d:30"));
        Assert.That(Following("c", Unlimited), Is.EqualTo("d:30"));
    }

    /// <summary>Opens and reads files; what the last one says.</summary>
    private bool Read(string files)
    {
        var continues = false;
        foreach (var file in files.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            _files.Opened(_starts[file]);
            continues = _files.ReadWhole(_starts[file]);
        }

        return continues;
    }

    private long StartOf(string file)
    {
        return file.Length == 0 ? 7 : _starts[file]; // 7: within a file
    }

    /// <summary>Files in torrent order; a negative length is padding.</summary>
    private void Torrent(params (string Path, long Length)[] files)
    {
        _starts = [];
        var list = new List<TorrentFile>();
        var offset = 0L;
        foreach (var (path, length) in files)
        {
            var attributes = length < 0 ? TorrentFileAttributes.Padding : TorrentFileAttributes.None;
            list.Add(new TorrentFile(path.Split('/'), Math.Abs(length), offset, attributes));
            if (length > 0)
            {
                _starts[path] = offset;
            }

            offset += Math.Abs(length);
        }

        var layout = new PieceLayout(offset, PieceLayout.MinPieceLength);
        var hash = InfoHash.Compute([]);
        _files = new NextFiles(new TorrentInfo(hash, "x", layout, default, list, isSingleFile: false, isPrivate: false, default, null));
    }
}
