using Distribyted.WebDav.Errors;

namespace Distribyted.WebDav.Xml;

/// <summary>The body of a LOCK (RFC 4918 sections 9.10, 14.11).</summary>
/// <param name="Exclusive">Exclusive, or shared.</param>
/// <param name="Owner">The owner element as the client wrote it; null: none.</param>
internal sealed record LockInfo(bool Exclusive, string? Owner)
{
    /// <summary>Longest owner, characters. A listing repeats it for each member that is locked; real ones have less than two hundred.</summary>
    public const int MaxOwner = 1024;

    /// <summary>Reads a body.</summary>
    /// <exception cref="WebDavException">400; 413 for an owner that is too long.</exception>
    public static LockInfo Parse(ArraySegment<byte> body)
    {
        return DavXmlReader.Read(body, "lockinfo", Read);
    }

    private static LockInfo Read(DavXmlReader reader)
    {
        var exclusive = default(bool?);
        var write = false;
        var owner = default(string);
        while (reader.NextChild(0))
        {
            var part = reader.Name;
            if (part.IsDav("owner"))
            {
                owner = reader.CopyElement(MaxOwner);
                continue;
            }

            while ((part.IsDav("lockscope") || part.IsDav("locktype")) && reader.NextChild(1))
            {
                var word = reader.Name;
                write |= word.IsDav("write") && part.Local == "locktype";
                exclusive =
                    part.Local == "locktype" ? exclusive
                    : word.IsDav("exclusive") ? true
                    : word.IsDav("shared") ? false
                    : exclusive;
            }
        }

        if (exclusive is null || !write)
        {
            throw WebDavException.BadRequest("A lockinfo has a lockscope (exclusive or shared) and the locktype write.");
        }

        return new LockInfo(exclusive.Value, owner);
    }
}
