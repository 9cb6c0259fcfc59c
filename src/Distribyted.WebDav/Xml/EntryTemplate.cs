using System.Text;
using Distribyted.FileSystem;

namespace Distribyted.WebDav.Xml;

/// <summary>The part of a response element behind its href, for one kind of entry: bytes that never change with gaps for values. Made once per request.</summary>
internal sealed class EntryTemplate
{
    private const string Ok = "<D:status>HTTP/1.1 200 OK</D:status></D:propstat>"; // Kodi compares the whole text
    private const string NotFound = "<D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>";
    private const string Open = "<D:propstat><D:prop>";

    private readonly List<(byte[] Before, LiveValue Value)> _parts = [];
    private (byte[] Before, LiveValue Value)[] _all = [];
    private readonly StringBuilder _text = new();

    private EntryTemplate() { }

    /// <summary>Bytes, then a value of the entry; the last value is <see cref="LiveValue.None"/>.</summary>
    public ReadOnlySpan<(byte[] Before, LiveValue Value)> Parts => _all;

    /// <summary>Bytes of everything but the values.</summary>
    public int FixedLength { get; private set; }

    /// <summary>Builds one.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="isDirectory">For folders, or for files.</param>
    /// <param name="space">For the quota properties.</param>
    /// <param name="dead">What clients left there.</param>
    public static EntryTemplate Build(PropFindRequest request, bool isDirectory, Space space, IReadOnlyList<DeadProperty> dead)
    {
        var template = new EntryTemplate();
        var missing = new List<DavName>();
        template._text.Append(Open);
        if (request.Kind == PropFindKind.Prop)
        {
            template.AddNamed(request.Properties, isDirectory, space, dead, missing);
        }
        else
        {
            template.AddAll(request, isDirectory, space, dead, missing);
        }

        template.Finish(missing);
        template._all = [.. template._parts];
        return template;
    }

    private void AddNamed(
        IEnumerable<DavName> names,
        bool isDirectory,
        Space space,
        IReadOnlyList<DeadProperty> dead,
        List<DavName> missing
    )
    {
        foreach (var name in names)
        {
            var live = LiveProperties.Find(name);
            if (live is not null && live.On(isDirectory))
            {
                Add(live, isDirectory, space);
            }
            else if (
                live is null
                && dead.FirstOrDefault(left => left.Name == name.Local && left.Namespace == name.Namespace) is { Xml: { } xml }
            )
            {
                _text.Append(xml);
            }
            else
            {
                missing.Add(name);
            }
        }
    }

    private void AddAll(PropFindRequest request, bool isDirectory, Space space, IReadOnlyList<DeadProperty> dead, List<DavName> missing)
    {
        var namesOnly = request.Kind == PropFindKind.PropName;
        foreach (var live in LiveProperties.All.Where(live => live.On(isDirectory) && (namesOnly || live.InAllProp)))
        {
            if (namesOnly)
            {
                _text.Append("<D:").Append(live.Name).Append("/>");
            }
            else
            {
                Add(live, isDirectory, space);
            }
        }

        foreach (var left in dead)
        {
            _text.Append(namesOnly ? Empty(new DavName(left.Namespace, left.Name)) : left.Xml);
        }

        // What allprop has is there already; include adds the rest (RFC 4918 section 9.1).
        var extra = request.Properties.Where(name =>
            LiveProperties.Find(name) is { } live
                ? !(live.InAllProp && live.On(isDirectory))
                : !dead.Any(left => left.Name == name.Local && left.Namespace == name.Namespace)
        );
        AddNamed(extra, isDirectory, space, [], missing);
    }

    private void Add(LiveProperty live, bool isDirectory, Space space)
    {
        var content = live.Fixed?.Invoke(isDirectory, space);
        if (content is "")
        {
            _text.Append("<D:").Append(live.Name).Append("/>");
            return;
        }

        _text.Append("<D:").Append(live.Name).Append('>').Append(content);
        if (live.Value != LiveValue.None)
        {
            Cut(live.Value);
        }

        _text.Append("</D:").Append(live.Name).Append('>');
    }

    private void Finish(List<DavName> missing)
    {
        // The 200 propstat stands first, always: several clients read only the first one. It is left out only if it would be empty.
        if (_parts.Count == 0 && _text.Length == Open.Length && missing.Count > 0)
        {
            _text.Clear();
        }
        else
        {
            _text.Append("</D:prop>").Append(Ok);
        }

        if (missing.Count > 0)
        {
            _text.Append(Open);
            foreach (var name in missing)
            {
                _text.Append(Empty(name));
            }

            _text.Append("</D:prop>").Append(NotFound);
        }

        _text.Append("</D:response>");
        Cut(LiveValue.None);
    }

    private void Cut(LiveValue value)
    {
        var bytes = Encoding.UTF8.GetBytes(_text.ToString());
        _text.Clear();
        _parts.Add((bytes, value));
        FixedLength += bytes.Length;
    }

    /// <summary>An empty element of this name that needs nothing around it.</summary>
    internal static string Empty(DavName name)
    {
        return name.Namespace switch
        {
            DavName.Dav => $"<D:{name.Local}/>",
            "" => $"<{name.Local}/>",
            _ => $"<X:{name.Local} xmlns:X=\"{XmlText.Escape(name.Namespace)}\"/>",
        };
    }
}
