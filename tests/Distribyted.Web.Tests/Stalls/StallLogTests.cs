using System.Globalization;
using Distribyted.Web.Stalls;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.Web.Tests.Stalls;

/// <summary>The stalls of a day, in a file that a crash may cut anywhere.</summary>
internal sealed class StallLogTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero));
    private string _folder = "";

    private string File => Path.Combine(_folder, "stalls.jsonl");

    [SetUp]
    public void MakeFolder()
    {
        _folder = Directory.CreateTempSubdirectory("distribyted-stalls-").FullName;
    }

    [TearDown]
    public void RemoveFolder()
    {
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public void What_was_added_is_there_after_a_restart_in_its_last_state()
    {
        var first = Open();
        first.Add(Stall("a"));
        first.Add(Stall("b"));
        first.Add(Stall("a") with { IsOver = true, Seconds = 7 });

        var second = Open().Read();

        Assert.That(second.Select(s => (s.Id, s.IsOver, s.Seconds)), Is.EqualTo([("b", false, 1.0), ("a", true, 7.0)]));
    }

    [Test]
    public void A_file_that_is_cut_anywhere_loses_its_last_line_at_most()
    {
        var log = Open();
        log.Add(Stall("a"));
        log.Add(Stall("b"));
        var whole = System.IO.File.ReadAllBytes(File);
        var firstLine = Array.IndexOf(whole, (byte)'\n') + 1;

        for (var length = firstLine; length < whole.Length; length += 7)
        {
            System.IO.File.WriteAllBytes(File, whole[..length]);
            Open().Add(Stall("c"));

            Assert.That(string.Join(" ", Open().Read().Select(s => s.Id)), Is.EqualTo("c a").Or.EqualTo("c b a"), $"cut at {length}");
        }
    }

    [TestCase("")]
    [TestCase("\n\n")]
    [TestCase("no JSON\n{}\nnull\n[1]\n{\"id\":5}\n")]
    [TestCase("\0\0\0\0")]
    public void A_file_of_anything_is_no_stalls(string text)
    {
        System.IO.File.WriteAllText(File, text);

        Assert.That(Open().Read(), Is.Empty);
    }

    [Test]
    public void A_stall_is_shown_for_a_day()
    {
        var log = Open();
        log.Add(Stall("a"));

        _time.Advance(TimeSpan.FromHours(24));
        var last = log.Read().Count;
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That((last, log.Read().Count), Is.EqualTo((1, 0)));
    }

    [Test]
    public void The_file_and_what_is_kept_stay_bounded()
    {
        var log = Open();
        for (var i = 0; i < StallLog.MaxRecords + 100; i++)
        {
            log.Add(Stall(i.ToString(CultureInfo.InvariantCulture)));
        }

        var kept = Open().Read();
        Assert.That(kept, Has.Count.LessThanOrEqualTo(StallLog.MaxRecords).And.Count.GreaterThanOrEqualTo(StallLog.MaxRecords / 2));
        Assert.That(kept[0].Id, Is.EqualTo((StallLog.MaxRecords + 99).ToString(CultureInfo.InvariantCulture)));
        Assert.That(new FileInfo(File).Length, Is.LessThan(2 << 20));
    }

    private StallLog Open()
    {
        return new StallLog(File, _time, NullLogger<StallLog>.Instance);
    }

    private StallRecord Stall(string id)
    {
        return new StallRecord(id, _time.GetUtcNow(), 1, false, "hash", "A film", ["films"], "film.mkv", "client", 7, "allChoke", "Text.");
    }
}
