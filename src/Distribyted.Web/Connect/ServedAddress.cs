namespace Distribyted.Web.Connect;

/// <summary>An address of this server.</summary>
/// <param name="Url">Ends in a slash.</param>
/// <param name="Reach">Who reaches it.</param>
public sealed record ServedAddress(Uri Url, AddressReach Reach)
{
    /// <summary>Whether what is sent there is encrypted.</summary>
    public bool IsEncrypted => Url.Scheme == Uri.UriSchemeHttps;
}
