namespace Distribyted.Archives.Formats.Rar;

/// <summary>The bytes that a RAR volume begins with, possibly behind a program that unpacks it.</summary>
internal static class RarSignature
{
    /// <summary>Bytes of the longer signature.</summary>
    public const int Length = 8;

    private static ReadOnlySpan<byte> Version4 => "Rar!\u001a\u0007\0"u8;

    private static ReadOnlySpan<byte> Version5 => "Rar!\u001a\u0007\u0001\0"u8;

    private static ReadOnlySpan<byte> Common => "Rar!\u001a\u0007"u8;

    /// <summary>4 or 5 when the bytes begin with a signature, otherwise 0.</summary>
    public static int VersionOf(ReadOnlySpan<byte> head)
    {
        return head.StartsWith(Version5) ? 5
            : head.StartsWith(Version4) ? 4
            : 0;
    }

    /// <summary>Where the first block begins behind a signature of this version.</summary>
    public static int LengthOf(int version)
    {
        return version == 5 ? Version5.Length : Version4.Length;
    }

    /// <summary>Whether the bytes begin like a program of Windows or Linux, which may carry an archive.</summary>
    public static bool IsProgram(ReadOnlySpan<byte> head)
    {
        return head.StartsWith("MZ"u8) || head.StartsWith("\u007fELF"u8);
    }

    /// <summary>The first signature in these bytes; -1: none.</summary>
    public static int IndexIn(ReadOnlySpan<byte> bytes)
    {
        for (var from = 0; ; )
        {
            var found = bytes[from..].IndexOf(Common);
            if (found < 0)
            {
                return -1;
            }

            from += found;
            if (VersionOf(bytes[from..]) != 0)
            {
                return from;
            }

            from++;
        }
    }
}
