namespace Distribyted.Routes.Tree;

/// <summary>What a file's name says about why it is put into a route.</summary>
internal enum FileMeaning
{
    /// <summary>A <c>.torrent</c>: adds it.</summary>
    Torrent,

    /// <summary>A <c>.magnet</c>, <c>.url</c> or text file: adds the magnet links in it.</summary>
    Link,

    /// <summary>What desktops leave behind; kept for a moment, never listed.</summary>
    DesktopFile,

    /// <summary>A name that uploads have until they are complete and moved to their own.</summary>
    Temporary,

    /// <summary>A file that means nothing here.</summary>
    Nothing,
}
