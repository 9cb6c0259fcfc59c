using Distribyted.FileSystem;

namespace Distribyted.Routes.Tree;

/// <summary>What is answered to writes that mean nothing where they are.</summary>
internal static class Refusals
{
    public static WriteResult Inside(TreePlace place)
    {
        return new WriteResult(
            WriteOutcome.Forbidden,
            $"\"{place.Torrent!.Name}\" is a torrent: its content cannot be changed, only the torrent as a whole be moved or deleted."
        );
    }

    public static WriteResult NoParent(TreePlace place)
    {
        return new WriteResult(WriteOutcome.NoParent, $"The folder of \"{place.Name}\" is not there.");
    }

    public static WriteResult NotFound(TreePlace place)
    {
        return new WriteResult(WriteOutcome.NotFound, $"There is no \"{place.Name}\".");
    }
}
