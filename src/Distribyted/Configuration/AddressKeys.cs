using System.Net;

namespace Distribyted.Configuration;

/// <summary>Keys whose value is one address or a list of them.</summary>
internal static class AddressKeys
{
    extension(Key)
    {
        /// <summary>One address; an empty text is null.</summary>
        public static Key Address(string path, Func<Settings, IPAddress?> get, Action<Settings, IPAddress?> set)
        {
            return new Key(
                path,
                settings => get(settings)?.ToString() ?? "\"\"",
                (settings, node) =>
                {
                    if (node.Kind == NodeKind.Text && node.Text.Length == 0)
                    {
                        set(settings, null);
                        return null;
                    }

                    if (node.Kind != NodeKind.Text || !IPAddress.TryParse(node.Text, out var address) || IsShortForm(node.Text, address))
                    {
                        return $"{node.Quote()} is not an address. Use an IPv4 or IPv6 address such as 192.168.1.10, without brackets or port.";
                    }

                    set(settings, address);
                    return null;
                }
            );
        }

        /// <summary>A list of addresses, or one text with commas between them.</summary>
        public static Key Addresses(
            string path,
            Func<Settings, IReadOnlyList<IPAddress>> get,
            Action<Settings, IReadOnlyList<IPAddress>> set
        )
        {
            return Key.Texts(
                path,
                text =>
                    IPAddress.TryParse(text, out var address) && !IsShortForm(text, address)
                        ? null
                        : "is not an address. Use an IPv4 or IPv6 address such as 192.168.1.10.",
                settings => [.. get(settings).Select(a => a.ToString())],
                (settings, texts) => set(settings, [.. texts.Select(IPAddress.Parse)])
            );
        }

        /// <summary>A list of addresses and networks (<c>10.0.0.0/8</c>), or one text with commas between them.</summary>
        public static Key Networks(
            string path,
            Func<Settings, IReadOnlyList<IPNetwork>> get,
            Action<Settings, IReadOnlyList<IPNetwork>> set
        )
        {
            return Key.Texts(
                path,
                text =>
                    Network(text) is null
                        ? "is not an address or network. Use 192.168.1.10, 172.16.0.0/12 or fd00::/8, without a name or port."
                        : null,
                settings => [.. get(settings).Select(n => n.PrefixLength == Bits(n.BaseAddress) ? n.BaseAddress.ToString() : n.ToString())],
                (settings, texts) => set(settings, [.. texts.Select(text => Network(text)!.Value)])
            );
        }
    }

    private static IPNetwork? Network(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (
            !IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address) || IsShortForm(slash < 0 ? text : text[..slash], address)
        )
        {
            return null;
        }

        return slash < 0 ? new IPNetwork(address, Bits(address))
            : IPNetwork.TryParse(text, out var network) ? network
            : null;
    }

    private static int Bits(IPAddress address)
    {
        return address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128;
    }

    // IPAddress parses "1" and "0x7f.1", too, which are typing mistakes here.
    private static bool IsShortForm(string text, IPAddress address)
    {
        return address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && text.Count(c => c == '.') != 3;
    }
}
