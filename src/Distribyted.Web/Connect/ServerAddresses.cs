namespace Distribyted.Web.Connect;

/// <summary>By which addresses this server is reached.</summary>
/// <param name="Web">These pages and <c>/fs</c>, as this browser reached them; ends in a slash.</param>
/// <param name="WebDav">The mount, the one that most devices reach first; empty: it is not served.</param>
/// <param name="Shared">These pages for other devices; null: only this machine reaches them, as far as is known.</param>
/// <param name="IsForwarded">The browser came through a proxy or a port mapping, whose addresses for the mount are not known here.</param>
public sealed record ServerAddresses(Uri Web, IReadOnlyList<ServedAddress> WebDav, Uri? Shared, bool IsForwarded)
{
    /// <summary>Files over HTTP; ends in a slash.</summary>
    public Uri Files => new(Web, "fs/");

    /// <summary>The address for recipes; null: the mount is not served.</summary>
    public Uri? Mount => WebDav.Count > 0 ? WebDav[0].Url : null;
}
