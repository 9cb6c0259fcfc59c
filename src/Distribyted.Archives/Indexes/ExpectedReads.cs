using Distribyted.Archives.Naming;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Indexes;

/// <summary>What the list of entries will be read from beside the first bytes, as far as names say it: asked for at once, so that a swarm sends it all at the same time.</summary>
internal static class ExpectedReads
{
    private const int Head = 512;
    private const int Tail = 64 * 1024;

    public static IEnumerable<(int Volume, ReadIntent Intent)> Of(ArchiveFile archive, string client)
    {
        var last = archive.Volumes.Count - 1;
        if (ArchiveNames.HasListAtEnd(archive.Entry.Name, archive.MayBePieces))
        {
            var length = archive.Volumes[last].Entry.Length;
            if (last > 0 || length > 2 * Tail)
            {
                yield return (last, new ReadIntent(Math.Max(0, length - Tail), Tail, client));
            }
        }
        else if (last > 0)
        {
            // The second volume says how full volumes are, the last one whether all of them are (RAR).
            yield return (1, new ReadIntent(0, Head, client));
            if (last > 1)
            {
                yield return (last, new ReadIntent(0, Head, client));
            }
        }
    }
}
