using CsCheck;
using Distribyted.Http.Files;

namespace Distribyted.Http.Tests.Files;

[TestFixture]
public sealed class ByteRangesTests
{
    [
        TestCase("bytes=0-1,3-4", "0-1 3-4"),
        TestCase("bytes=0-1,2-4", "0-4"),
        TestCase("bytes=5-9,0-1,2-4", "0-9"),
        TestCase("bytes=9-9,0-0,5-5", "9-9 0-0 5-5")
    ]
    [
        TestCase("bytes=0-0,2-2,4-4,1-1", "0-2 4-4"),
        TestCase("bytes=0-0,2-2,4-4,1-3", "0-4"),
        TestCase("bytes=4-4,0-0,2-2,1-3", "0-4"),
        TestCase("bytes=-1,0-0", "9-9 0-0"),
        TestCase("bytes=100-,1-1", "1-1")
    ]
    public void Ranges_that_touch_become_one_in_the_place_of_the_first(string header, string expected)
    {
        Assert.That(ByteRanges.Read(header, 10, out var first, out var all, out _), Is.EqualTo(RangeVerdict.Partial));
        Assert.That(string.Join(' ', (all ?? [first]).Select(range => $"{range.Offset}-{range.Last}")), Is.EqualTo(expected));
    }

    [TestCase(16, true), TestCase(17, false), TestCase(257, false)]
    public void There_are_at_most_sixteen_parts(int parts, bool isPartial)
    {
        var header = "bytes=" + string.Join(',', Enumerable.Range(0, parts).Select(i => $"{i * 10}-{(i * 10) + 1}"));

        Assert.That(
            ByteRanges.Read(header, 1_000_000, out _, out var all, out _),
            Is.EqualTo(isPartial ? RangeVerdict.Partial : RangeVerdict.Whole)
        );
        Assert.That(all?.Count, Is.EqualTo(isPartial ? parts : null));
    }

    // Ranges that become one stay one part, however many they were; at some point the header itself is too much.
    [TestCase(256, true), TestCase(257, false)]
    public void At_most_256_ranges_are_read(int ranges, bool isPartial)
    {
        var header = "bytes=" + string.Join(',', Enumerable.Repeat("7-8", ranges));

        Assert.That(
            ByteRanges.Read(header, 100, out var first, out var all, out _),
            Is.EqualTo(isPartial ? RangeVerdict.Partial : RangeVerdict.Whole)
        );
        Assert.That(all, Is.Null);
        Assert.That(!isPartial || first == new ByteRange(7, 2));
    }

    [
        TestCase("bytes=5-", true),
        TestCase("bytes=0-", true),
        TestCase("bytes=5-6", false),
        TestCase("bytes=-5", false),
        TestCase("bytes=5-,6-", false)
    ]
    public void An_open_end_is_told(string header, bool open)
    {
        ByteRanges.Read(header, 100, out _, out _, out var isOpen);

        Assert.That(isOpen, Is.EqualTo(open));
    }

    [Test]
    public void Any_text_is_parts_of_the_file_or_none()
    {
        Gen.Select(Gen.String[Gen.Char["0123456789-, =bytes"], 0, 60], Gen.Long[0, 1000], Gen.Bool)
            .Sample(
                (text, length, prefixed) =>
                {
                    var verdict = ByteRanges.Read(prefixed ? "bytes=" + text : text, length, out var first, out var all, out _);
                    return verdict != RangeVerdict.Partial || IsSound(all ?? [first], length);
                }
            );
    }

    [Test]
    public void Well_formed_ranges_cover_exactly_the_bytes_that_were_asked_for()
    {
        Gen.Select(Gen.Int[0, 60], Gen.Int[0, 60])
            .Array[1, 12]
            .Sample(pairs =>
            {
                const int Length = 50;
                var asked = pairs
                    .Select(pair => (First: Math.Min(pair.Item1, pair.Item2), Last: Math.Max(pair.Item1, pair.Item2)))
                    .ToArray();
                var wanted = asked
                    .SelectMany(range => Enumerable.Range(range.First, range.Last - range.First + 1))
                    .Where(at => at < Length)
                    .ToHashSet();
                var verdict = ByteRanges.Read(
                    "bytes=" + string.Join(',', asked.Select(range => $"{range.First}-{range.Last}")),
                    Length,
                    out var first,
                    out var all,
                    out _
                );
                if (wanted.Count == 0)
                {
                    return verdict == RangeVerdict.Unsatisfiable;
                }

                var sent = (all ?? [first]).SelectMany(range => Enumerable.Range((int)range.Offset, (int)range.Length)).ToArray();
                return verdict == RangeVerdict.Partial
                    && sent.Length == wanted.Count
                    && wanted.SetEquals(sent)
                    && IsSound(all ?? [first], Length);
            });
    }

    private static bool IsSound(List<ByteRange> ranges, long length)
    {
        var sorted = ranges.OrderBy(range => range.Offset).ToArray();
        return ranges.Count is > 0 and <= ByteRanges.MaxParts
            && ranges.TrueForAll(range => range.Offset >= 0 && range.Length > 0 && range.Last < length)
            && sorted.Zip(sorted.Skip(1)).All(pair => pair.First.Last + 1 < pair.Second.Offset);
    }
}
