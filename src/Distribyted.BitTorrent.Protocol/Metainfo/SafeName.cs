using System.Text;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Protocol.Metainfo;

/// <summary>Reads the names of a torrent and makes them fit for a tree of folders (<see cref="SafeFileName"/>). The same bytes give the same name each time.</summary>
internal static class SafeName
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly Encoding Windows1252 = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    /// <summary>The encoding that a torrent names; null when it is UTF-8, unknown, or nothing that names are written in.</summary>
    public static Encoding? FindEncoding(string? name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > 40)
        {
            return null;
        }

        try
        {
            var trimmed = name.Trim();
            var encoding = CodePagesEncodingProvider.Instance.GetEncoding(trimmed) ?? Encoding.GetEncoding(trimmed);
            return encoding is UTF8Encoding or UnicodeEncoding or UTF32Encoding or ASCIIEncoding ? null : encoding;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null; // it is not a name that we know; Windows-1252 is taken instead
        }
    }

    /// <summary>Bytes as text: UTF-8 if they are, else the torrent's own encoding, else Windows-1252, in which every byte is a character.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes, Encoding? declared)
    {
        return System.Text.Unicode.Utf8.IsValid(bytes) ? StrictUtf8.GetString(bytes) : (declared ?? Windows1252).GetString(bytes);
    }

    /// <summary>One name of a path, made safe; never empty, at most 255 bytes.</summary>
    public static string Make(ReadOnlySpan<byte> bytes, Encoding? declared)
    {
        return Make(Decode(bytes, declared));
    }

    /// <inheritdoc cref="Make(ReadOnlySpan{byte}, Encoding?)"/>
    public static string Make(string text)
    {
        return SafeFileName.Make(text);
    }

    /// <inheritdoc cref="SafeFileName.WithSuffix"/>
    public static string WithSuffix(string name, ReadOnlySpan<byte> identity)
    {
        return SafeFileName.WithSuffix(name, identity);
    }
}
