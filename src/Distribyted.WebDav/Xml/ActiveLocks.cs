using System.Globalization;
using System.Text;
using Distribyted.FileSystem;
using Distribyted.WebDav.Locks;

namespace Distribyted.WebDav.Xml;

/// <summary>The content of lockdiscovery for a folder and what is in it, as it was at one moment: both passes of an answer write the same.</summary>
internal sealed class ActiveLocks
{
    private readonly byte[] _own;
    private readonly byte[] _inherited;
    private readonly Dictionary<string, byte[]>? _ofChildren;

    private ActiveLocks(byte[] own, byte[] inherited, Dictionary<string, byte[]>? ofChildren)
    {
        _own = own;
        _inherited = inherited;
        _ofChildren = ofChildren;
    }

    /// <summary>No locks.</summary>
    public static ActiveLocks None { get; } = new([], [], null);

    /// <summary>The locks that hold for a path and, if asked, for what is directly in it.</summary>
    public static ActiveLocks At(LockTable table, VirtualPath path, bool members)
    {
        var now = table.Now;
        var covering = table.Covering(path);
        var direct = members ? table.Below(path).Where(held => held.Root.Parent == path.Normalized()).ToArray() : [];
        if (covering.Count == 0 && direct.Length == 0)
        {
            return None;
        }

        var reaching = covering.Where(held => held.Infinite).ToArray();
        var children = direct
            .GroupBy(held => held.Root.Name, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => Format([.. group], now), StringComparer.Ordinal);
        return new ActiveLocks(Format(covering, now), Format(reaching, now), children);
    }

    /// <summary>Of the folder itself.</summary>
    public ReadOnlySpan<byte> Own => _own;

    /// <summary>Of every member: the locks of the folder, and of those above it, that reach down.</summary>
    public ReadOnlySpan<byte> Inherited => _inherited;

    /// <summary>Of a member alone; they stand before the inherited ones.</summary>
    public ReadOnlySpan<byte> Of(string name)
    {
        return _ofChildren is not null && _ofChildren.TryGetValue(NameIndex.Normalized(name), out var bytes) ? bytes : [];
    }

    /// <summary>The activelock elements (RFC 4918 section 14.1).</summary>
    public static byte[] Format(IReadOnlyList<DavLock> locks, TimeSpan now)
    {
        var text = new StringBuilder();
        foreach (var held in locks)
        {
            var seconds = Math.Max(1, (long)Math.Ceiling((held.Expires - now).TotalSeconds));
            text.Append("<D:activelock><D:locktype><D:write/></D:locktype><D:lockscope><D:")
                .Append(held.Exclusive ? "exclusive" : "shared")
                .Append("/></D:lockscope><D:depth>")
                .Append(held.Infinite ? "infinity" : "0")
                .Append("</D:depth>")
                .Append(held.Owner)
                .Append("<D:timeout>Second-")
                .Append(seconds.ToString(CultureInfo.InvariantCulture))
                .Append("</D:timeout><D:locktoken><D:href>")
                .Append(held.Token)
                .Append("</D:href></D:locktoken><D:lockroot><D:href>")
                .Append(XmlText.Escape(held.RootHref))
                .Append("</D:href></D:lockroot></D:activelock>");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
