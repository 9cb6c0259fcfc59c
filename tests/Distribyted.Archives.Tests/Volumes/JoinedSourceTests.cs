using System.Collections.Immutable;
using Distribyted.Archives.Formats;
using Distribyted.Archives.Tests.Workshop;
using Distribyted.Archives.Volumes;

namespace Distribyted.Archives.Tests.Volumes;

public sealed class JoinedSourceTests
{
    [Test]
    public async Task Pieces_read_like_the_whole()
    {
        var whole = new byte[100];
        new Random(1).NextBytes(whole);
        var pieces = Cut(whole, 30, 0, 30, 40);
        var joined = new JoinedSource(pieces);
        Assert.That(joined.LengthOf(0), Is.EqualTo(100));

        for (var offset = 0; offset <= 110; offset++)
        {
            foreach (var length in (int[])[0, 1, 29, 30, 31, 60, 100, 200])
            {
                var buffer = new byte[length];
                var read = await joined.ReadAsync(0, offset, buffer, CancellationToken.None);
                Assert.That(buffer[..read], Is.EqualTo(whole.Skip(offset).Take(length)));
            }
        }
    }

    [Test]
    public void Ranges_of_the_whole_are_ranges_of_pieces()
    {
        var joined = new JoinedSource(Cut(new byte[100], 30, 0, 30, 40));

        var split = joined.Split([new StoredRange(0, 29, 32), new StoredRange(0, 0, 30), new StoredRange(0, 60, 40)]);

        ImmutableArray<StoredRange> expected = [new(0, 29, 1), new(2, 0, 30), new(3, 0, 1), new(0, 0, 30), new(3, 0, 40)];
        Assert.That(split, Is.EqualTo(expected));
    }

    private static TestSource Cut(byte[] whole, params int[] lengths)
    {
        var offset = 0;
        return new TestSource([
            .. lengths.Select(
                (length, n) =>
                {
                    var volume = new TestVolume($"x.{n + 1:D3}");
                    volume.Add(whole.AsSpan(offset, length));
                    offset += length;
                    return volume;
                }
            ),
        ]);
    }
}
