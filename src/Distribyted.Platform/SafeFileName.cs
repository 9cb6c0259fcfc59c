using System.Security.Cryptography;
using System.Text;

namespace Distribyted.Platform;

/// <summary>Makes names that come from elsewhere (torrents, archives) fit for a tree of folders, changing only what would break one.</summary>
/// <remarks>
/// <c>\</c>, <c>:</c>, trailing dots and spaces, bidirectional marks, emoji and decomposed letters stay: content is never stored under
/// these names. The same name is changed in the same way each time.
/// </remarks>
public static class SafeFileName
{
    /// <summary>Most bytes of a name in UTF-8: what Linux, macOS and Samba take.</summary>
    public const int MaxBytes = 255;

    private const int MaxExtensionBytes = 32;

    /// <summary>One name of a path, made safe; never empty, <c>.</c> or <c>..</c>, at most 255 bytes, without slashes and control characters.</summary>
    public static string Make(string text)
    {
        if (text is "" or ".")
        {
            return "_";
        }

        if (text is "..")
        {
            return "__";
        }

        var needsChange = false;
        foreach (var c in text)
        {
            needsChange |= Breaks(c);
        }

        var safe = needsChange
            ? string.Create(
                text.Length,
                text,
                static (span, from) =>
                {
                    for (var i = 0; i < span.Length; i++)
                    {
                        span[i] = Breaks(from[i]) ? '_' : from[i];
                    }
                }
            )
            : text;
        return Fit(safe, "");
    }

    /// <summary>The name with a short hash before its extension, for one whose own name is taken.</summary>
    /// <param name="name">A safe name.</param>
    /// <param name="identity">What makes it different from the other: never changes for this file.</param>
    public static string WithSuffix(string name, ReadOnlySpan<byte> identity)
    {
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(identity, hash);
        return Fit(name, $" ({Convert.ToHexStringLower(hash[..3])})");
    }

    private static bool Breaks(char c)
    {
        return c == '/' || char.IsControl(c);
    }

    /// <summary>Cuts before the extension until name and suffix fit into 255 bytes.</summary>
    private static string Fit(string name, string suffix)
    {
        var bytes = Encoding.UTF8.GetByteCount(name) + suffix.Length;
        if (bytes <= MaxBytes && suffix.Length == 0)
        {
            return name;
        }

        var dot = name.LastIndexOf('.');
        var extension = dot > 0 && Encoding.UTF8.GetByteCount(name.AsSpan(dot)) <= MaxExtensionBytes ? name[dot..] : "";
        var left = MaxBytes - suffix.Length - Encoding.UTF8.GetByteCount(extension);
        var stem = name.AsSpan(0, name.Length - extension.Length);
        var kept = 0;
        foreach (var rune in stem.EnumerateRunes())
        {
            left -= rune.Utf8SequenceLength;
            if (left < 0)
            {
                break;
            }

            kept += rune.Utf16SequenceLength;
        }

        return string.Concat(stem[..kept], suffix, extension);
    }
}
