using System.Globalization;

namespace Distribyted.Configuration;

/// <summary>Keys whose value is a number with or without a unit.</summary>
internal static class NumberKeys
{
    extension(Key)
    {
        public static Key Port(
            string path,
            string zero,
            string? minusOne,
            Func<Settings, int> get,
            Action<Settings, int> set,
            bool zeroFlagIsNothing = false
        )
        {
            var limits = new Limits(1, 65535) { Zero = zero, MinusOne = minusOne };
            return new Key(
                path,
                settings => get(settings).ToString(CultureInfo.InvariantCulture),
                (settings, node) =>
                {
                    if (node.Kind != NodeKind.Text || !Units.TryNumber(node.Text, out var port) || !limits.Takes(port))
                    {
                        return $"{node.Quote()} is not a port. {limits}";
                    }

                    set(settings, (int)port);
                    return null;
                }
            )
            {
                ZeroFlagIsNothing = zeroFlagIsNothing,
            };
        }

        public static Key Number(string path, Limits limits, Func<Settings, int> get, Action<Settings, int> set)
        {
            return Quantity(
                path,
                limits,
                1,
                "number",
                text => Units.TryNumber(text, out var value) ? value : null,
                settings => get(settings),
                (settings, value) => set(settings, (int)value),
                ""
            );
        }

        public static Key Megabytes(string path, Limits limits, Func<Settings, long> get, Action<Settings, long> set)
        {
            return Quantity(
                path,
                limits,
                1 << 20,
                "size",
                text => Units.TrySize(text, 1 << 20, out var bytes) ? bytes : null,
                settings => get(settings),
                (settings, value) => set(settings, (long)value),
                "Use megabytes (2048) or a unit (2GiB)."
            );
        }

        public static Key Seconds(string path, Limits limits, Func<Settings, TimeSpan> get, Action<Settings, TimeSpan> set)
        {
            return Quantity(
                path,
                limits,
                1,
                "duration",
                text => Units.TrySeconds(text, 1, out var seconds) ? seconds : null,
                settings => get(settings) == Timeout.InfiniteTimeSpan ? -1 : get(settings).TotalSeconds,
                (settings, value) => set(settings, value == -1 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(value)),
                "Use seconds (120) or a unit (2m)."
            );
        }

        public static Key Rate(string path, Limits limits, Func<Settings, long> get, Action<Settings, long> set)
        {
            return Quantity(
                path,
                limits,
                1,
                "rate",
                text => Units.TryRate(text, out var bytes) ? bytes : null,
                settings => get(settings),
                (settings, value) => set(settings, (long)value),
                "Use bytes a second (1048576) or a unit (1MB/s, 8Mbit)."
            );
        }
    }

    private static Key Quantity(
        string path,
        Limits limits,
        double unit,
        string noun,
        Func<string, double?> parse,
        Func<Settings, double> get,
        Action<Settings, double> set,
        string example
    )
    {
        return new Key(
            path,
            settings => Shown(get(settings), unit),
            (settings, node) =>
            {
                if (node.Kind != NodeKind.Text || parse(node.Text) is not { } value)
                {
                    return $"{node.Quote()} is not a {noun}. {(example.Length > 0 ? example : limits.ToString())}";
                }

                var inUnits = value / unit;
                if (!limits.Takes(inUnits))
                {
                    return $"{node.Quote()} is out of range. {limits}";
                }

                set(
                    settings,
                    inUnits == 0 && limits.ZeroIsDefault ? get(new Settings())
                        : inUnits == -1 ? -1
                        : value
                );
                return null;
            }
        );
    }

    private static string Shown(double value, double unit)
    {
        var inUnits = value == -1 ? -1 : value / unit;
        return inUnits == Math.Floor(inUnits)
            ? inUnits.ToString("0", CultureInfo.InvariantCulture)
            : value.ToString("0.###", CultureInfo.InvariantCulture) + (unit > 1 ? "B" : "");
    }
}
