namespace Distribyted.WebDav.Tests;

/// <summary>Bodies that several fixtures send.</summary>
internal static class Bodies
{
    /// <summary>Asks for an exclusive lock.</summary>
    public const string Exclusive = "<lockinfo xmlns='DAV:'><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>";

    /// <summary>Asks for a shared one.</summary>
    public const string Shared = "<lockinfo xmlns='DAV:'><lockscope><shared/></lockscope><locktype><write/></locktype></lockinfo>";

    /// <summary>Leaves a property.</summary>
    public const string Labelled =
        "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><label xmlns='urn:x'>mine</label></D:prop></D:set></D:propertyupdate>";
}
