using System.Collections.Frozen;
using System.Globalization;
using Distribyted.FileSystem;

namespace Distribyted.WebDav.Xml;

/// <summary>A property that the server computes.</summary>
/// <param name="Name">Local name in <c>DAV:</c>.</param>
/// <param name="Value">What is written between its tags for each entry; <see cref="LiveValue.None"/>: <paramref name="Fixed"/>.</param>
/// <param name="OnFiles">Whether files have it.</param>
/// <param name="OnFolders">Whether folders have it.</param>
/// <param name="InAllProp">Whether allprop has it. The rest only if asked: Windows refuses listings over 1,000,000 bytes.</param>
/// <param name="Fixed">Content that is the same for all files or all folders.</param>
internal sealed record LiveProperty(
    string Name,
    LiveValue Value,
    bool OnFiles,
    bool OnFolders,
    bool InAllProp,
    Func<bool, Space, string>? Fixed = null
)
{
    /// <summary>Whether a file, or a folder, has it.</summary>
    public bool On(bool isDirectory)
    {
        return isDirectory ? OnFolders : OnFiles;
    }
}

/// <summary>All properties that the server computes (RFC 4918 section 15, RFC 4331). None can be set.</summary>
internal static class LiveProperties
{
    private const string SupportedLock =
        "<D:lockentry><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>"
        + "<D:lockentry><D:lockscope><D:shared/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>";

    /// <summary>In the order in which they are written. Kodi wants the first child of resourcetype; all clients read it first.</summary>
    public static IReadOnlyList<LiveProperty> All { get; } =
    [
        new("resourcetype", LiveValue.None, true, true, true, static (isDirectory, _) => isDirectory ? "<D:collection/>" : ""),
        new("displayname", LiveValue.DisplayName, true, true, true),
        new("getcontentlength", LiveValue.ContentLength, true, false, true),
        new("getcontenttype", LiveValue.ContentType, true, false, true),
        new("getetag", LiveValue.ETag, true, false, true),
        new("getlastmodified", LiveValue.LastModified, true, true, true),
        new("creationdate", LiveValue.Created, true, true, true),
        new("lockdiscovery", LiveValue.ActiveLocks, true, true, true),
        new("supportedlock", LiveValue.None, true, true, true, static (_, _) => SupportedLock),
        new("iscollection", LiveValue.None, true, true, false, static (isDirectory, _) => isDirectory ? "1" : "0"),
        new("quota-available-bytes", LiveValue.None, false, true, false, static (_, space) => Number(space.Available)),
        new("quota-used-bytes", LiveValue.None, false, true, false, static (_, space) => Number(space.Used)),
    ];

    private static readonly FrozenDictionary<string, LiveProperty> ByName = All.ToFrozenDictionary(
        live => live.Name,
        StringComparer.Ordinal
    );

    /// <summary>The property of this name; null: not ours.</summary>
    public static LiveProperty? Find(DavName name)
    {
        return name.Namespace == DavName.Dav ? ByName.GetValueOrDefault(name.Local) : null;
    }

    private static string Number(long value)
    {
        return Math.Max(0, value).ToString(CultureInfo.InvariantCulture);
    }
}
