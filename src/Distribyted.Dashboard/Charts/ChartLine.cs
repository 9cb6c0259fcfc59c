using System.Globalization;
using System.Text;

namespace Distribyted.Dashboard.Charts;

/// <summary>Lines of charts as SVG paths. Pure.</summary>
internal static class ChartLine
{
    /// <summary>Width and height of the drawing, in units of its view box.</summary>
    public const int Width = 600;

    /// <inheritdoc cref="Width"/>
    public const int Height = 120;

    /// <summary>The top of a scale that has these values: a round number, at least 1,000.</summary>
    public static long Top(IEnumerable<long> values)
    {
        var most = values.DefaultIfEmpty().Max();
        var top = 1000L;
        for (var i = 0; top < most && i < 45; i++)
        {
            top = i % 3 == 1 ? top / 2 * 5 : top * 2; // 1, 2, 5, 10
        }

        return top;
    }

    /// <summary>The line through these values, the newest at the right edge.</summary>
    /// <param name="values">The oldest first, at most <paramref name="capacity"/>.</param>
    /// <param name="top">What is at the upper edge.</param>
    /// <param name="capacity">How many values fill the whole width; at least 2.</param>
    /// <param name="isArea">Whether the line is closed along the lower edge.</param>
    /// <returns>Empty when there are fewer than two values.</returns>
    public static string Path(IReadOnlyList<long> values, long top, int capacity, bool isArea)
    {
        if (values.Count < 2)
        {
            return "";
        }

        var step = (double)Width / (capacity - 1);
        var first = Width - (step * (values.Count - 1));
        var text = new StringBuilder();
        for (var i = 0; i < values.Count; i++)
        {
            var y = Height - (Height * (double)Math.Clamp(values[i], 0, top) / top);
            text.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? 'M' : 'L')}{first + (step * i):0.#} {y:0.#}");
        }

        return isArea ? text.Append(CultureInfo.InvariantCulture, $"V{Height}H{first:0.#}Z").ToString() : text.ToString();
    }
}
