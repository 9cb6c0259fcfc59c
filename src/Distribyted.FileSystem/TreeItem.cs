namespace Distribyted.FileSystem;

/// <summary>A file or folder of a <see cref="DirectoryTree"/>.</summary>
/// <param name="Name">Its last segment; empty for the root.</param>
/// <param name="File">Index of the file in the list that the tree was built from; -1 for a folder.</param>
/// <param name="Node">Number of this node, stable for one list of files: the root is 0.</param>
public readonly record struct TreeItem(string Name, int File, int Node)
{
    /// <summary>Whether it is a folder.</summary>
    public bool IsDirectory => File < 0;
}
