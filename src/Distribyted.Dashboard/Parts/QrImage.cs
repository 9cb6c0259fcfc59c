using System.Globalization;
using System.Text;
using QRCoder;

namespace Distribyted.Dashboard.Parts;

/// <summary>A QR code as the path of an SVG: one unit for each module, with the quiet zone that the standard asks for (ISO/IEC 18004, 4 modules).</summary>
/// <param name="Size">Width and height in modules.</param>
/// <param name="Path">The dark modules.</param>
internal sealed record QrImage(int Size, string Path)
{
    /// <summary>The code of an address; null: it is too long for one that a phone can read.</summary>
    public static QrImage? Of(string text)
    {
        const int MostBytes = 1000;
        if (Encoding.UTF8.GetByteCount(text) > MostBytes)
        {
            return null;
        }

        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var rows = data.ModuleMatrix; // with the quiet zone
        var path = new StringBuilder();
        for (var y = 0; y < rows.Count; y++)
        {
            for (var x = 0; x < rows[y].Count; x++)
            {
                var from = x;
                while (x < rows[y].Count && rows[y][x])
                {
                    x++;
                }

                if (x > from)
                {
                    path.Append(CultureInfo.InvariantCulture, $"M{from} {y}h{x - from}v1h-{x - from}z");
                }
            }
        }

        return new QrImage(rows.Count, path.ToString());
    }
}
