namespace Distribyted.Interop.Tests.Support;

/// <summary>Two homes, each behind a router with NAT that lets nothing in that was not asked for, and one machine on the internet between them.</summary>
internal sealed class TwoNats : IAsyncDisposable
{
    /// <summary>The machine on the internet.</summary>
    public const string Outside = "45.67.89.9";

    /// <summary>The namespace of the machine on the internet.</summary>
    public const string Net = "net";

    /// <summary>The namespaces of the homes.</summary>
    public const string Near = "near";
    public const string Far = "far";

    /// <summary>The addresses inside the homes.</summary>
    public const string NearInside = "192.168.77.2";
    public const string FarInside = "192.168.88.2";

    private const string Core = "core"; // joins the routers and the machine on the internet

    private TwoNats(TempFolder folder)
    {
        Spaces = new NetworkSpaces(folder);
    }

    /// <summary>Runs programs in the namespaces.</summary>
    public NetworkSpaces Spaces { get; }

    /// <summary>Makes the networks.</summary>
    public static async Task<TwoNats> StartAsync(TempFolder folder, CancellationToken cancellationToken)
    {
        var network = new TwoNats(folder);
        try
        {
            await network.Spaces.AddAsync(cancellationToken, Net, Core);
            await network.Spaces.LinkAsync((Net, "net", Outside), (Core, "core", "45.67.89.1"), cancellationToken);
            await network.Spaces.IpInAsync(Net, cancellationToken, "route", "add", "default", "via", "45.67.89.1");
            await network.Spaces.EnableAsync(Core, "ipv4/ip_forward", cancellationToken);
            await network.AddHomeAsync(Near, "192.168.77", NearInside, "45.67.90", cancellationToken);
            await network.AddHomeAsync(Far, "192.168.88", FarInside, "45.67.91", cancellationToken);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        return Spaces.DisposeAsync();
    }

    private async Task AddHomeAsync(string home, string lan, string inside, string wan, CancellationToken cancellationToken)
    {
        var router = home + "-nat";
        await Spaces.AddAsync(cancellationToken, home, router);
        await Spaces.LinkAsync((home, "lan", inside), (router, "in", lan + ".1"), cancellationToken);
        await Spaces.LinkAsync((router, "out", wan + ".1"), (Core, home, wan + ".9"), cancellationToken);
        await Spaces.IpInAsync(home, cancellationToken, "route", "add", "default", "via", lan + ".1");
        await Spaces.IpInAsync(router, cancellationToken, "route", "add", "default", "via", wan + ".9");
        await Spaces.EnableAsync(router, "ipv4/ip_forward", cancellationToken);
        await Spaces.LoadRulesAsync(router, Rules, cancellationToken);
    }

    /// <summary>What comes to the router itself is dropped as well, as home routers do it: a packet that came too early must not keep the port that the
    /// answer to it would have.</summary>
    private const string Rules = """
        table ip router {
          chain input { type filter hook input priority 0; policy accept; iifname "out" ct state new drop; }
          chain forward { type filter hook forward priority 0; policy drop; iifname "in" accept; ct state established,related accept; }
          chain postrouting { type nat hook postrouting priority 100; policy accept; oifname "out" masquerade; }
        }
        """;
}
