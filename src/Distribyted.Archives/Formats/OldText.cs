using System.Text;

namespace Distribyted.Archives.Formats;

/// <summary>Names of archives that do not say their encoding: UTF-8 where that fits, otherwise the code page of DOS.</summary>
internal static class OldText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(437)!.GetString(bytes);
        }
    }
}
