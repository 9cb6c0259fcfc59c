namespace Distribyted.Routes.Tree;

/// <summary>What a path of the tree is, which decides what a write to it means.</summary>
internal enum PlaceKind
{
    /// <summary>The root.</summary>
    Root,

    /// <summary>A route.</summary>
    Route,

    /// <summary>A folder that is there only because routes are below it.</summary>
    Folder,

    /// <summary>A torrent: a folder, or the single file that is one.</summary>
    Torrent,

    /// <summary>Below a torrent, whether it is there or not.</summary>
    Inside,

    /// <summary>A name in a route or folder that nothing of the library has; a small file may be there.</summary>
    Free,

    /// <summary>Below something that is not there.</summary>
    Nowhere,
}
