using System.Globalization;

namespace Distribyted.WebDav.Xml;

/// <summary>A moment as text, made again only when it is another one than before: all files of a torrent have the same.</summary>
/// <param name="format">"R" (RFC 9110 section 5.6.7), or "s", to which Z is added (RFC 3339).</param>
/// <param name="length">Bytes of such a text.</param>
internal sealed class TimeText(string format, int length)
{
    private readonly byte[] _text = new byte[length];
    private DateTimeOffset? _last;

    public ReadOnlySpan<byte> Of(DateTimeOffset moment)
    {
        if (_last != moment)
        {
            moment.UtcDateTime.TryFormat(_text, out var written, format, CultureInfo.InvariantCulture);
            if (written < length)
            {
                _text[written] = (byte)'Z';
            }

            _last = moment;
        }

        return _text;
    }
}
