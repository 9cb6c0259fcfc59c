using Distribyted.Archives.Formats.Tar;
using Distribyted.Archives.Spools;
using Distribyted.Archives.Unpacking.Tar;

namespace Distribyted.Archives.Indexes;

/// <summary>The block that a tar file is which is compressed as a whole: its list of entries is in it as well as their content.</summary>
internal static class WholeBlocks
{
    public static PackedBlock Of(ArchiveFile archive, PackedTarFormat format, bool areVolumesJoined, int level)
    {
        return new PackedBlock
        {
            Key = archive.Tag + "!tar",
            Archive = archive.Tag,
            Name = $"\"{archive.Entry.Name}\"",
            Volumes = archive.Volumes,
            AreVolumesJoined = areVolumesJoined,
            Level = level,
            PackedLength = archive.Volumes.Sum(static volume => volume.Entry.Length),
            Places = TarUnpacker.PlacesOf(format.Compression),
            Open = start => TarUnpacker.Open(start, format.Compression),
        };
    }
}
