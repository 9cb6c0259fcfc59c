using Distribyted.Routes.Catalog;

namespace Distribyted.Routes.Sources;

/// <summary>Decides whether what a watched folder no longer names is gone, or only not to be seen: a mount point without its disk is an empty folder.</summary>
internal static class FolderTrust
{
    /// <summary>Why nothing may go because the folder does not name it, for people; null: its word counts.</summary>
    /// <param name="now">The folder as it is.</param>
    /// <param name="then">As it was when its word counted last; null: never.</param>
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
