using System.Text;

namespace Distribyted.BitTorrent.Protocol.PortMapping;

/// <summary>What a UPnP device says of itself, as far as port mapping needs it (UPnP Device Architecture 1.1, section 2).</summary>
/// <param name="Name">What its maker calls it, fit to be shown; empty: nothing.</param>
/// <param name="Services">Services that map IPv4 ports, the best one first; empty: it is no gateway.</param>
public sealed record GatewayDescription(string Name, IReadOnlyList<GatewayService> Services)
{
    /// <summary>Most bytes of a description.</summary>
    public const int MaxLength = 256 * 1024;

    private const int MaxServices = 16;

    // Internet Gateway Device 2 and 1, and modems that dial in. The best one first.
    private static readonly string[] Wanted =
    [
        "urn:schemas-upnp-org:service:WANIPConnection:2",
        "urn:schemas-upnp-org:service:WANIPConnection:1",
        "urn:schemas-upnp-org:service:WANPPPConnection:1",
    ];

    /// <summary>Reads a description.</summary>
    /// <param name="body">The XML document.</param>
    /// <param name="location">Where it was fetched; services on other hosts are left out.</param>
    /// <exception cref="ProtocolException">It is no XML, too large or too deep.</exception>
    public static GatewayDescription Read(ReadOnlySpan<byte> body, Uri location)
    {
        var name = "";
        var root = location;
        List<GatewayService> services = [];
        var (type, control) = ("", "");
        foreach (var (element, value) in XmlTexts.Read(body, MaxLength))
        {
            switch (element)
            {
                case "URLBase" when Uri.TryCreate(value, UriKind.Absolute, out var given) && IsBeside(given, location):
                    root = given;
                    break;
                case "friendlyName" when name.Length == 0:
                    name = Shown(value);
                    break;
                case "serviceType":
                    type = value;
                    break;
                case "controlURL":
                    control = value;
                    break;
                case "service": // its end
                    if (
                        Wanted.Contains(type, StringComparer.Ordinal)
                        && services.Count < MaxServices
                        && ControlOf(root, control, location) is { } uri
                    )
                    {
                        services.Add(new GatewayService(type, uri));
                    }

                    (type, control) = ("", "");
                    break;
                default:
                    break;
            }
        }

        return new GatewayDescription(name, [.. services.OrderBy(static service => Array.IndexOf(Wanted, service.Type))]);
    }

    private static Uri? ControlOf(Uri root, string control, Uri location)
    {
        return control.Length > 0 && Uri.TryCreate(root, control, out var uri) && IsBeside(uri, location) ? uri : null;
    }

    private static bool IsBeside(Uri uri, Uri location)
    {
        return uri.Scheme == Uri.UriSchemeHttp && uri.Host == location.Host && uri.UserInfo.Length == 0;
    }

    private static string Shown(string name)
    {
        const int MaxShown = 64;
        var shown = new StringBuilder();
        foreach (var c in name.AsSpan(0, Math.Min(name.Length, MaxShown)))
        {
            shown.Append(char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c);
        }

        return shown.ToString().Trim();
    }
}
