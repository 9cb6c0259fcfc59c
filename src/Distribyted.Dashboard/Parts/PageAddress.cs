using Distribyted.FileSystem;
using Distribyted.Http.Paths;

namespace Distribyted.Dashboard.Parts;

/// <summary>Addresses of the tree: as a page, over HTTP and over WebDAV.</summary>
internal static class PageAddress
{
    /// <summary>The page of a file or folder, relative to the base.</summary>
    public static string Page(VirtualPath path)
    {
        return path.IsRoot ? "files" : Href.Of(path, isDirectory: false, "files");
    }

    /// <summary>The file or folder over HTTP, relative to the base.</summary>
    public static string Http(VirtualPath path, bool isDirectory)
    {
        return Href.Of(path, isDirectory, "fs");
    }

    /// <summary>The file or folder below an address, which ends in a slash.</summary>
    public static string Below(Uri address, VirtualPath path, bool isDirectory)
    {
        return Href.Of(path, isDirectory, address.AbsoluteUri.TrimEnd('/'));
    }
}
