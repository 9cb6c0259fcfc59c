namespace Distribyted.WebDav.Xml;

/// <summary>The expanded name of an XML element.</summary>
/// <param name="Namespace">Namespace URI; empty: none.</param>
/// <param name="Local">Local name.</param>
internal readonly record struct DavName(string Namespace, string Local)
{
    /// <summary>The namespace of RFC 4918.</summary>
    public const string Dav = "DAV:";

    /// <summary>Whether it is this name in the namespace <c>DAV:</c>.</summary>
    public bool IsDav(string local)
    {
        return Namespace == Dav && Local == local;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        return $"{{{Namespace}}}{Local}";
    }
}
