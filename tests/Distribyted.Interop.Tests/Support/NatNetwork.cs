using System.Text.RegularExpressions;

namespace Distribyted.Interop.Tests.Support;

/// <summary>A home network behind a router with NAT, and an internet of one machine, in network namespaces of this test. The router runs miniupnpd.</summary>
/// <remarks>The addresses of this internet are public ones, since miniupnpd does not map behind another; no packet leaves the namespaces.</remarks>
internal sealed partial class NatNetwork : IAsyncDisposable
{
    /// <summary>The router's address on the internet.</summary>
    public const string RouterOutside = "45.67.89.1";

    /// <summary>The machine on the internet.</summary>
    public const string Outside = "45.67.89.9";

    /// <summary>The router's IPv6 address in the home network, where it has IPv6.</summary>
    public const string RouterInsideIPv6 = "2001:db8:7::1";

    private const string RouterInside = "192.168.77.1";
    private const string Inside = "192.168.77.2";

    private const string Lan = "lan";
    private const string Nat = "nat";
    private const string Net = "net";

    private readonly TempFolder _folder;
    private readonly NetworkSpaces _spaces;
    private RunningProgram? _router;

    private NatNetwork(TempFolder folder)
    {
        _folder = folder;
        _spaces = new NetworkSpaces(folder);
    }

    /// <summary>What the router says.</summary>
    public string RouterOutput => _router?.Output ?? "";

    public static Task NeedAsync(CancellationToken cancellationToken)
    {
        Programs.Need("miniupnpd");
        return NetworkSpaces.NeedAsync(cancellationToken);
    }

    /// <summary>Makes the networks and starts the router.</summary>
    /// <param name="protocol">The only one that it speaks: PCP, NAT-PMP or UPnP.</param>
    /// <param name="folder">For its files.</param>
    /// <param name="cancellationToken">The time of the test.</param>
    public static async Task<NatNetwork> StartAsync(string protocol, TempFolder folder, CancellationToken cancellationToken)
    {
        var network = new NatNetwork(folder);
        try
        {
            await network.StartAsync(protocol, cancellationToken);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a program in the home network.</summary>
    public RunningProgram StartInside(string program, params string[] arguments)
    {
        return _spaces.Start(Lan, program, arguments);
    }

    /// <summary>Starts a program on the internet.</summary>
    public RunningProgram StartOutside(string program, params string[] arguments)
    {
        return _spaces.Start(Net, program, arguments);
    }

    /// <summary>Runs a program in the home network to its end; null: it failed.</summary>
    public Task<string?> TryRunInsideAsync(string program, CancellationToken cancellationToken, params string[] arguments)
    {
        return _spaces.TryRunAsync(Lan, program, cancellationToken, arguments);
    }

    /// <summary>The ports that the router passes on and to where, as its firewall has them.</summary>
    public async Task<IReadOnlyList<string>> MappingsAsync(CancellationToken cancellationToken)
    {
        var rules = await _spaces.RunAsync(Nat, "nft", cancellationToken, "list", "chain", "inet", "miniupnpd", "prerouting_miniupnpd");
        return [.. Mapping().Matches(rules).Select(static match => $"{match.Groups["port"].Value} to {match.Groups["to"].Value}")];
    }

    /// <summary>How many ports of IPv6 the router's firewall lets in.</summary>
    public async Task<int> OpenedAsync(CancellationToken cancellationToken)
    {
        var rules = await _spaces.RunAsync(Nat, "nft", cancellationToken, "list", "chain", "inet", "miniupnpd", "miniupnpd");
        return rules
            .Split('\n')
            .Count(static line => line.EndsWith("accept", StringComparison.Ordinal) && line.Contains("20010db8", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        if (_router is not null)
        {
            await _router.DisposeAsync();
        }

        await _spaces.DisposeAsync();
    }

    private async Task StartAsync(string protocol, CancellationToken cancellationToken)
    {
        await _spaces.AddAsync(cancellationToken, Lan, Nat, Net);
        await _spaces.LinkAsync((Lan, "lan0", Inside), (Nat, "nat0", RouterInside), cancellationToken);
        await _spaces.LinkAsync((Nat, "nat1", RouterOutside), (Net, "net0", Outside), cancellationToken);
        await _spaces.IpInAsync(Lan, cancellationToken, "route", "add", "default", "via", RouterInside);
        await _spaces.IpInAsync(Nat, cancellationToken, "route", "add", "default", "via", Outside);
        await _spaces.EnableAsync(Nat, "ipv4/ip_forward", cancellationToken);
        if (protocol == "PCP") // the only one that opens ports of IPv6
        {
            await AddIPv6Async(cancellationToken);
        }

        await _spaces.LoadRulesAsync(Nat, Rules(protocol), cancellationToken);
        var config = _folder.At("miniupnpd.conf");
        await File.WriteAllTextAsync(config, Config(protocol), cancellationToken);
        _router = _spaces.Start(Nat, "miniupnpd", "-d", "-f", config, "-P", _folder.At("miniupnpd.pid"));
        await _router.WaitForOutputAsync("Listening for NAT-PMP/PCP traffic", cancellationToken);
    }

    private async Task AddIPv6Async(CancellationToken cancellationToken)
    {
        await _spaces.EnableAsync(Nat, "ipv6/conf/all/forwarding", cancellationToken);
        await _spaces.IpInAsync(Lan, cancellationToken, "addr", "add", "2001:db8:7::2/64", "dev", "lan0", "nodad");
        await _spaces.IpInAsync(Nat, cancellationToken, "addr", "add", RouterInsideIPv6 + "/64", "dev", "nat0", "nodad");
        await _spaces.IpInAsync(Nat, cancellationToken, "addr", "add", "2001:db8:9::1/64", "dev", "nat1", "nodad");
        await _spaces.IpInAsync(Lan, cancellationToken, "-6", "route", "add", "default", "via", RouterInsideIPv6);
    }

    /// <summary>Masquerading, nothing in from outside but what miniupnpd allows; and PCP, or it and NAT-PMP, blocked.</summary>
    private static string Rules(string protocol)
    {
        var blocked = protocol switch
        {
            "PCP" => "",
            "NAT-PMP" => "udp dport 5351 @th,64,8 2 drop;", // version 2
            _ => "udp dport 5351 drop;",
        };
        return $$"""
            table inet miniupnpd {
              chain input { type filter hook input priority 0; policy accept; {{blocked}} }
              chain forward { type filter hook forward priority 0; policy drop; iifname "nat0" accept; ct state established,related accept; jump miniupnpd; }
              chain miniupnpd { }
              chain prerouting { type nat hook prerouting priority -100; policy accept; jump prerouting_miniupnpd; }
              chain prerouting_miniupnpd { }
              chain postrouting { type nat hook postrouting priority 100; policy accept; jump postrouting_miniupnpd; oifname "nat1" masquerade; }
              chain postrouting_miniupnpd { }
            }
            """;
    }

    private static string Config(string protocol)
    {
        return $"""
            ext_ifname=nat1
            listening_ip=nat0
            enable_natpmp=yes
            enable_upnp={(protocol == "UPnP" ? "yes" : "no")}
            secure_mode=yes
            system_uptime=yes
            uuid=a641e283-36e9-45ec-b92c-2767255540d8
            upnp_table_name=miniupnpd
            upnp_nat_table_name=miniupnpd
            upnp_forward_chain=miniupnpd
            upnp_nat_chain=prerouting_miniupnpd
            upnp_nat_postrouting_chain=postrouting_miniupnpd
            allow 1024-65535 192.168.77.0/24 1024-65535
            deny 0-65535 0.0.0.0/0 0-65535

            """;
    }

    [GeneratedRegex(@"dport (?<port>\d+) dnat ip to (?<to>\S+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Mapping();
}
