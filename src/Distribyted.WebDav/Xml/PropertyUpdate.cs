using Distribyted.FileSystem;
using Distribyted.WebDav.Errors;

namespace Distribyted.WebDav.Xml;

/// <summary>The body of a PROPPATCH (RFC 4918 sections 9.2, 14.19).</summary>
/// <param name="Changes">In document order, which is the order in which they apply.</param>
internal sealed record PropertyUpdate(IReadOnlyList<DeadProperty> Changes)
{
    /// <summary>Longest value, characters.</summary>
    public const int MaxValue = 64 * 1024;

    /// <summary>Reads a body.</summary>
    /// <exception cref="WebDavException">400; 413 for a value that is too long.</exception>
    public static PropertyUpdate Parse(ArraySegment<byte> body)
    {
        return DavXmlReader.Read(body, "propertyupdate", Read);
    }

    private static PropertyUpdate Read(DavXmlReader reader)
    {
        var changes = new List<DeadProperty>();
        while (reader.NextChild(0))
        {
            var set = reader.Name.IsDav("set");
            if (!set && !reader.Name.IsDav("remove"))
            {
                continue;
            }

            while (reader.NextChild(1))
            {
                if (reader.Name.IsDav("prop"))
                {
                    ReadProperties(reader, set, changes);
                }
            }
        }

        return changes.Count > 0
            ? new PropertyUpdate(changes)
            : throw WebDavException.BadRequest("A propertyupdate sets or removes at least one property.");
    }

    private static void ReadProperties(DavXmlReader reader, bool set, List<DeadProperty> changes)
    {
        while (reader.NextChild(2))
        {
            var name = reader.TakeName();
            var xml = set ? reader.CopyElement(MaxValue) : null;
            changes.Add(new DeadProperty(name.Namespace, name.Local, xml));
            if (changes.Count > DavXmlReader.MaxProperties)
            {
                throw WebDavException.BadRequest($"A propertyupdate may change {DavXmlReader.MaxProperties} properties.");
            }
        }
    }
}
