using System.Globalization;
using System.Security;
using System.Text;

namespace Distribyted.BitTorrent.Protocol.PortMapping;

/// <summary>Calls of UPnP services and their answers (SOAP 1.1; UPnP Device Architecture 1.1, section 3).</summary>
public static class SoapMessage
{
    /// <summary>Most bytes of an answer.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>The error of an answer that names none: the action failed.</summary>
    public const int ActionFailed = 501;

    private const int MaxValues = 32;
    private const int MaxShown = 200;

    /// <summary>Writes a call.</summary>
    /// <param name="service">Type of the service.</param>
    /// <param name="action">What it is to do.</param>
    /// <param name="arguments">In the order that the service wants.</param>
    public static byte[] WriteCall(string service, string action, params ReadOnlySpan<(string Name, string Value)> arguments)
    {
        var body = new StringBuilder();
        foreach (var (name, value) in arguments)
        {
            body.Append(CultureInfo.InvariantCulture, $"<{name}>{SecurityElement.Escape(value)}</{name}>");
        }

        return Encoding.UTF8.GetBytes(
            "<?xml version=\"1.0\"?>\r\n"
                + "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\">"
                + $"<s:Body><u:{action} xmlns:u=\"{SecurityElement.Escape(service)}\">{body}</u:{action}></s:Body></s:Envelope>\r\n"
        );
    }

    /// <summary>Reads an answer.</summary>
    /// <exception cref="ProtocolException">It is no XML, or says neither that it was done nor that it was not.</exception>
    public static SoapAnswer ReadAnswer(ReadOnlySpan<byte> body)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var isFault = false;
        var isEnvelope = false;
        foreach (var (element, value) in XmlTexts.Read(body, MaxLength))
        {
            isFault |= element == "Fault";
            isEnvelope |= element == "Envelope";
            if (values.Count < MaxValues)
            {
                values.TryAdd(element, value);
            }
        }

        if (!isEnvelope)
        {
            throw new ProtocolException(ProtocolError.Malformed, "Not an answer of SOAP.");
        }

        if (!isFault)
        {
            return new SoapAnswer(0, "", values);
        }

        var isNumber = int.TryParse(values.GetValueOrDefault("errorCode"), NumberStyles.None, CultureInfo.InvariantCulture, out var error);
        return new SoapAnswer(
            isNumber && error != 0 ? error : ActionFailed,
            Shown(values.GetValueOrDefault("errorDescription", "")),
            new Dictionary<string, string>(StringComparer.Ordinal)
        );
    }

    private static string Shown(string text)
    {
        return string.Concat(text.Take(MaxShown).Select(static c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c));
    }
}
