using System.Text;
using Distribyted.BitTorrent.Protocol;
using Distribyted.FileSystem;

namespace Distribyted.Routes.Model;

/// <summary>The name under which a torrent appears in its route: its own, or with a part of its hash when that name is taken.</summary>
/// <remarks>The torrent that came first keeps the plain name. The choice is made once and remembered, so it is the same at every start.</remarks>
internal static class MountedName
{
    private const int LongestExtension = 16; // characters after the dot; more is not an extension but a part of a title

    /// <summary>The first free one of <c>Name.mkv</c>, <c>Name [c9e15763].mkv</c> and the same with the whole hash.</summary>
    internal static string Choose(string name, bool isFolder, InfoHash hash, Predicate<string> isTaken)
    {
        if (!isTaken(name))
        {
            return name;
        }

        var hex = hash.ToString();
        var shortly = WithSuffix(name, isFolder, $" [{hex[..8]}]");
        return isTaken(shortly) ? WithSuffix(name, isFolder, $" [{hex}]") : shortly;
    }

    private static string WithSuffix(string name, bool isFolder, string suffix)
    {
        var dot = isFolder ? -1 : name.LastIndexOf('.');
        var extension = dot > 0 && name.Length - dot - 1 is > 0 and <= LongestExtension ? name[dot..] : "";
        var stem = name.AsSpan(0, name.Length - extension.Length);
        var most = VirtualPath.MaxSegmentBytes - Encoding.UTF8.GetByteCount(suffix) - Encoding.UTF8.GetByteCount(extension);
        return string.Concat(CutTo(stem, most), suffix, extension);
    }

    /// <summary>As many whole characters as fit.</summary>
    private static ReadOnlySpan<char> CutTo(ReadOnlySpan<char> text, int bytes)
    {
        if (Encoding.UTF8.GetByteCount(text) <= bytes)
        {
            return text;
        }

        var end = 0;
        var left = bytes;
        foreach (var rune in text.EnumerateRunes())
        {
            left -= rune.Utf8SequenceLength;
            if (left < 0)
            {
                break;
            }

            end += rune.Utf16SequenceLength;
        }

        return text[..end];
    }
}
