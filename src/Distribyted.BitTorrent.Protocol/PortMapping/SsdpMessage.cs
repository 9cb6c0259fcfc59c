using System.Text;

namespace Distribyted.BitTorrent.Protocol.PortMapping;

/// <summary>Searches for devices and their answers: SSDP, HTTP heads in single datagrams (UPnP Device Architecture 1.1, section 1.3).</summary>
public static class SsdpMessage
{
    private const int MaxLength = 8 * 1024;
    private const int MaxLines = 64;
    private const int MaxText = 1024;

    /// <summary>Writes a search.</summary>
    /// <param name="target">The type of device or service that is looked for.</param>
    /// <param name="seconds">Within how many seconds devices are to answer, each after a pause of its own.</param>
    public static byte[] WriteSearch(string target, int seconds)
    {
        return Encoding.ASCII.GetBytes(
            $"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: {seconds}\r\nST: {target}\r\n\r\n"
        );
    }

    /// <summary>Reads an answer to a search.</summary>
    /// <exception cref="ProtocolException">It is none, or names no description that can be fetched by http.</exception>
    public static SsdpAnswer ReadAnswer(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length > MaxLength)
        {
            throw new ProtocolException(ProtocolError.TooLarge, "A long answer to a search.");
        }

        var lines = Encoding.Latin1.GetString(datagram).Split('\n', MaxLines + 1);
        var status = lines[0].TrimEnd('\r').Split(' ', 3);
        if (status.Length < 2 || !status[0].StartsWith("HTTP/1.", StringComparison.Ordinal) || status[1] != "200")
        {
            throw new ProtocolException(ProtocolError.Malformed, "Not the answer of a device to a search.");
        }

        string? location = null;
        var target = "";
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                continue;
            }

            var name = line.AsSpan(0, colon).Trim();
            var value = line.AsSpan(colon + 1).Trim();
            if (name.Equals("LOCATION", StringComparison.OrdinalIgnoreCase))
            {
                location ??= value.ToString();
            }
            else if (name.Equals("ST", StringComparison.OrdinalIgnoreCase))
            {
                target = value[..Math.Min(value.Length, MaxText)].ToString();
            }
        }

        if (location is null)
        {
            throw new ProtocolException(ProtocolError.Missing, "An answer to a search without a description (LOCATION).");
        }

        return
            location.Length <= MaxText
            && Uri.TryCreate(location, UriKind.Absolute, out var uri)
            && uri.Scheme == Uri.UriSchemeHttp
            && uri.Host.Length > 0
            ? new SsdpAnswer(uri, target)
            : throw new ProtocolException(ProtocolError.Invalid, "The description of a device (LOCATION) is no http address.");
    }
}
