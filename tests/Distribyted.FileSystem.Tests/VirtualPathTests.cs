using CsCheck;

namespace Distribyted.FileSystem.Tests;

[TestFixture]
public sealed class VirtualPathTests
{
    [TestCase("", "/"), TestCase("/", "/"), TestCase("a", "/a"), TestCase("/a/", "/a"), TestCase("/a/b", "/a/b"), TestCase("a/b/", "/a/b")]
    [TestCase("/...", "/..."), TestCase("/a\\b", "/a\\b"), TestCase("/ ", "/ "), TestCase("/c:", "/c:")]
    public void Paths_are_read(string text, string value)
    {
        Assert.That(VirtualPath.TryParse(text, out var path), Is.True);
        Assert.That(path.Value, Is.EqualTo(value));
    }

    [
        TestCase("//"),
        TestCase("/a//b"),
        TestCase("/."),
        TestCase("/.."),
        TestCase("/a/../b"),
        TestCase("/a/./b"),
        TestCase("/a\0b"),
        TestCase("a//"),
        TestCase(null)
    ]
    public void Others_are_refused(string? text)
    {
        Assert.That(VirtualPath.TryParse(text, out _), Is.False);
    }

    [Test]
    public void A_segment_has_at_most_255_bytes()
    {
        Assert.That(VirtualPath.TryParse("/" + new string('x', 255), out _), Is.True);
        Assert.That(VirtualPath.TryParse("/" + new string('x', 256), out _), Is.False);
        Assert.That(VirtualPath.TryParse("/" + new string('\u20ac', 85), out _), Is.True);
        Assert.That(VirtualPath.TryParse("/" + new string('\u20ac', 86), out _), Is.False);
    }

    [Test]
    public void A_path_has_at_most_256_segments()
    {
        Assert.That(VirtualPath.TryParse(string.Concat(Enumerable.Repeat("/a", 256)), out _), Is.True);
        Assert.That(VirtualPath.TryParse(string.Concat(Enumerable.Repeat("/a", 257)), out _), Is.False);
    }

    [Test]
    public void Starting_with_means_segments()
    {
        Assert.That(VirtualPath.Parse("/ab").StartsWith(VirtualPath.Parse("/a")), Is.False);
        Assert.That(VirtualPath.Parse("/a/b").StartsWith(VirtualPath.Parse("/a")), Is.True);
        Assert.That(VirtualPath.Parse("/a").StartsWith(VirtualPath.Parse("/a")), Is.True);
        Assert.That(VirtualPath.Root.StartsWith(VirtualPath.Parse("/a")), Is.False);
        Assert.That(VirtualPath.Parse("/a").StartsWith(VirtualPath.Root), Is.True);
    }

    [Test]
    public void Any_text_is_a_path_or_refused_and_a_path_reads_back()
    {
        Gen.String[Gen.Char["ab./\0 \\\u00e9"], 0, 20]
            .Sample(text =>
            {
                if (!VirtualPath.TryParse(text, out var path))
                {
                    return true;
                }

                var built = path.Segments.Aggregate(VirtualPath.Root, (folder, segment) => folder.Append(segment));
                return VirtualPath.Parse(path.Value) == path
                    && built == path
                    && (path.IsRoot ? path.Parent.IsRoot : path.Parent.Append(path.Name) == path)
                    && path.StartsWith(path.Parent)
                    && Array.TrueForAll(path.Segments, VirtualPath_IsPlain);
            });
    }

    private static bool VirtualPath_IsPlain(string segment)
    {
        return segment is not "" and not "." and not ".." && !segment.Contains('/', StringComparison.Ordinal);
    }
}
