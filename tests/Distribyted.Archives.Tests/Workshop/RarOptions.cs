namespace Distribyted.Archives.Tests.Workshop;

/// <summary>How a RAR archive is written.</summary>
internal sealed record RarOptions
{
    /// <summary>4 or 5.</summary>
    public int Version { get; init; } = 5;

    /// <summary>Bytes of each volume but the last; null: one file.</summary>
    public long? VolumeLength { get; init; }

    /// <summary>Bytes of each volume but the last, by its number, in place of <see cref="VolumeLength"/>, which only says then that there are volumes.</summary>
    public Func<int, long>? VolumeLengthOf { get; init; }

    /// <summary><c>name.rar, name.r00, name.r01</c> in place of <c>name.part1.rar</c>.</summary>
    public bool IsOldNaming { get; init; }

    public bool IsSolid { get; init; }

    public bool IsLocked { get; init; }

    /// <summary>A comment in a service block.</summary>
    public string? Comment { get; init; }

    /// <summary>A service block in the place of a recovery record at the end of each volume.</summary>
    public int RecoveryLength { get; init; }

    /// <summary>Only this volume has the recovery record; null: all.</summary>
    public int? RecoveryIn { get; init; }

    /// <summary>Bytes of it in each volume, by its number, in place of <see cref="RecoveryLength"/>.</summary>
    public Func<int, int>? RecoveryLengthOf { get; init; }

    /// <summary>Version 5: the length of data takes as few bytes as it can, so that a header with a larger one is longer.</summary>
    public bool AreNumbersShort { get; init; }

    /// <summary>Encrypts the headers.</summary>
    public string? Password { get; init; }

    /// <summary>Bytes of a program before the archive.</summary>
    public int ProgramLength { get; init; }
}
