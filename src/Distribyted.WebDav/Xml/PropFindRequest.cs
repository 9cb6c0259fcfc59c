using Distribyted.WebDav.Errors;

namespace Distribyted.WebDav.Xml;

/// <summary>What a PROPFIND asks for.</summary>
internal enum PropFindKind
{
    /// <summary>Everything that RFC 4918 defines and everything dead, with values; an empty body means this too.</summary>
    AllProp,

    /// <summary>The names of everything.</summary>
    PropName,

    /// <summary>These.</summary>
    Prop,
}

/// <summary>The body of a PROPFIND (RFC 4918 sections 9.1, 14.20).</summary>
/// <param name="Kind">What is asked for.</param>
/// <param name="Properties">The names: all that is wanted, or with <see cref="PropFindKind.AllProp"/> what is wanted besides; each once.</param>
internal sealed record PropFindRequest(PropFindKind Kind, IReadOnlyList<DavName> Properties)
{
    /// <summary>The meaning of an empty body.</summary>
    public static PropFindRequest Everything { get; } = new(PropFindKind.AllProp, []);

    /// <summary>Reads a body.</summary>
    /// <exception cref="WebDavException">400.</exception>
    public static PropFindRequest Parse(ArraySegment<byte> body)
    {
        return DavXmlReader.IsBlank(body) ? Everything : DavXmlReader.Read(body, "propfind", Read);
    }

    private static PropFindRequest Read(DavXmlReader reader)
    {
        var kind = default(PropFindKind?);
        var names = new List<DavName>();
        var seen = new HashSet<DavName>();
        while (reader.NextChild(0))
        {
            var part = reader.Name;
            if (part.Namespace != DavName.Dav)
            {
                continue; // RFC 4918 section 17: what is not known is as if it were not there
            }

            var found = part.Local switch
            {
                "allprop" => PropFindKind.AllProp,
                "propname" => PropFindKind.PropName,
                "prop" => PropFindKind.Prop,
                _ => default(PropFindKind?),
            };
            if (found is not null && kind is not null)
            {
                throw WebDavException.BadRequest("A propfind has one of allprop, propname and prop.");
            }

            kind ??= found;
            if (found == PropFindKind.Prop || part.Local == "include")
            {
                ReadNames(reader, names, seen);
            }
        }

        return kind is null
            ? throw WebDavException.BadRequest("A propfind has one of allprop, propname and prop.")
            : new PropFindRequest(kind.Value, names);
    }

    private static void ReadNames(DavXmlReader reader, List<DavName> names, HashSet<DavName> seen)
    {
        while (reader.NextChild(1))
        {
            var name = reader.TakeName();
            if (seen.Add(name))
            {
                names.Add(name);
            }

            if (names.Count > DavXmlReader.MaxProperties)
            {
                throw WebDavException.BadRequest($"A propfind may name {DavXmlReader.MaxProperties} properties.");
            }
        }
    }
}
