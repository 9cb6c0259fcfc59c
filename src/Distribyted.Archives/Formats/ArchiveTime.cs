namespace Distribyted.Archives.Formats;

/// <summary>Times as archives write them. DOS times have no zone; they are taken as UTC, so that they mean the same on every machine.</summary>
internal static class ArchiveTime
{
    /// <summary>A date and time of DOS: two seconds exact, from 1980; null when it is none.</summary>
    public static DateTimeOffset? FromDos(uint value)
    {
        var (date, time) = (value >> 16, value & 0xFFFF);
        var (year, month, day) = ((int)(date >> 9) + 1980, (int)(date >> 5) & 15, (int)date & 31);
        var (hour, minute, second) = ((int)time >> 11, (int)(time >> 5) & 63, (int)(time & 31) * 2);
        return month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month) && hour < 24 && minute < 60 && second < 60
            ? new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero)
            : null;
    }

    /// <summary>Seconds since 1970.</summary>
    public static DateTimeOffset FromUnix(uint seconds, uint nanoseconds = 0)
    {
        return DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds < 1_000_000_000 ? nanoseconds / 100 : 0);
    }

    /// <summary>Units of 100 ns since 1601, as NTFS has them; null for 0 and for what no calendar has.</summary>
    public static DateTimeOffset? FromNtfs(ulong value)
    {
        var start = new DateTimeOffset(1601, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return value > 0 && value < (ulong)(DateTimeOffset.MaxValue.Ticks - start.Ticks) ? start.AddTicks((long)value) : null;
    }
}
