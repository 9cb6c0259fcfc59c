using MudBlazor;

namespace Distribyted.Dashboard.Shell;

/// <summary>An entry of the navigation.</summary>
/// <param name="Address">Relative to the base of the page.</param>
/// <param name="Text">Its name, one word.</param>
/// <param name="Icon">SVG.</param>
/// <param name="For">Who sees it.</param>
/// <param name="IsMain">Whether it is in the bar of phones.</param>
internal sealed record PageLink(string Address, string Text, string Icon, PageLinkAudience For = PageLinkAudience.All, bool IsMain = false)
{
    /// <summary>All of them, in the order in which they are shown.</summary>
    public static IReadOnlyList<PageLink> All { get; } =
    [
        new("", "Overview", Icons.Material.Outlined.Speed, IsMain: true),
        new("routes", "Library", Icons.Material.Outlined.VideoLibrary, IsMain: true),
        new("add", "Add", Icons.Material.Outlined.AddCircleOutline, PageLinkAudience.Writers, IsMain: true),
        new("files", "Files", Icons.Material.Outlined.Folder, IsMain: true),
        new("connect", "Connect", Icons.Material.Outlined.Devices),
        new("servers", "Sharing", Icons.Material.Outlined.FolderShared, PageLinkAudience.Owners),
        new("logs", "Logs", Icons.Material.Outlined.ListAlt, PageLinkAudience.Owners),
        new("settings", "Settings", Icons.Material.Outlined.Tune, PageLinkAudience.Owners),
        new("about", "About", Icons.Material.Outlined.Info),
    ];
}
