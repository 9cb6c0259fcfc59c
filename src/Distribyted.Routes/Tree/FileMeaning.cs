namespace Distribyted.Routes.Tree;

/// <summary>What a file's name says about why it is put into a route.</summary>
internal enum FileMeaning
{
    /// <summary>A <c>.torrent</c>: adds it.</summary>
    Torrent,

    /// <summary>A <c>.magnet</c>, <c>.url</c> or text file: adds the magnet links in it.</summary>
    Link,

    /// <summary>Metadata files of desktops (<c>.DS_Store</c>, <c>Thumbs.db</c>, <c>._x</c>); kept for a moment, never listed.</summary>
    DesktopFile,

    /// <summary>A temporary name, which uploads have until they are complete and renamed.</summary>
    Temporary,

    /// <summary>A file that means nothing here.</summary>
    Nothing,
}
