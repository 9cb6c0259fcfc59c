using Distribyted.Routes.Catalog;

namespace Distribyted.Routes.Sources;

/// <summary>Decides whether what a watched folder no longer names is gone, or only cannot be seen: a mount point without its disk is an empty folder.</summary>
internal static class FolderTrust
{
    /// <summary>Why nothing is removed although the folder does not name it any more, for the log; null: what it does not name is removed.</summary>
    /// <param name="now">The folder as it is.</param>
    /// <param name="then">As it was when it was last relied on; null: never.</param>
    /// <param name="missing">How many torrents came from it that it does not name now.</param>
    internal static string? WhyNot(FolderFacts now, CatalogFolder? then, int missing)
    {
        if (missing == 0)
        {
            return null;
        }

        if (now.IsEmpty)
        {
            return "it is empty, as a mount point is whose disk is missing";
        }

        var isOther =
            then is not null
            && string.Equals(then.Path, now.Path, StringComparison.Ordinal)
            && !string.Equals(then.Extent, now.Extent, StringComparison.Ordinal);
        return isOther ? "it lies on other disks than before, or a part of it cannot be read" : null;
    }
}
