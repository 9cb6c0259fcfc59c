namespace Distribyted.Archives.Volumes;

/// <summary>How the volumes of a set are named.</summary>
internal enum VolumeNaming
{
    /// <summary><c>name.part1.rar</c>, <c>name.part2.rar</c>; with any number of leading zeros.</summary>
    Parts,

    /// <summary><c>name.rar</c>, <c>name.r00</c> to <c>name.r99</c>, <c>name.s00</c> ...</summary>
    Letters,

    /// <summary><c>name.001</c>, <c>name.002</c>: the bytes of one file cut into pieces, or volumes of RAR. Which of them, only their first bytes say.</summary>
    Numbers,
}
