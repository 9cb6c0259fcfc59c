using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Distribyted.Configuration;
using Distribyted.Http.Listeners;
using Distribyted.Telemetry;

namespace Distribyted.Hosting;

/// <summary>What users need at a start: warnings about the configuration, then where to mount and as which user.</summary>
internal static class Banner
{
    /// <summary>Before anything is started.</summary>
    public static void Begin(ILogger logger, Configured configured, DataFolders folders)
    {
        if (configured.File.Note is { } note)
        {
            logger.ConfigurationNote(note);
        }

        foreach (var warning in configured.Report.Warnings)
        {
            logger.ConfigurationWarning(warning.Origin.ToString(), warning.Text);
        }

        IEnumerable<string> warnings = Unicode.Warning is { } missing ? [.. folders.Warnings, missing] : folders.Warnings;
        foreach (var warning in warnings)
        {
            logger.MachineWarning(warning);
        }
    }

    /// <summary>When all ports are open.</summary>
    public static void Write(ILogger logger, Configured configured, Listeners listeners, Credentials? generated)
    {
        var settings = configured.Settings;
        var mounts = Addresses(listeners, settings.WebDav.Listener, Hosts(settings.WebDavListener.Address));
        if (mounts.Length > 0)
        {
            logger.MountAt(string.Join("  ", mounts));
        }
        else if (!settings.WebDavListener.IsOn && settings.WebDavListener.Enabled is null)
        {
            logger.WebDavIsOff();
        }

        var pages = Addresses(listeners, settings.Web.Listener, Hosts(settings.WebListener.Address).Take(1));
        if (pages.Length > 0)
        {
            logger.WebAt(string.Join("  ", pages), pages[0] + "fs/");
        }

        if (listeners.Certificate is { } certificate)
        {
            var kind = certificate.PublicPath is { } path ? $"self-made, {path}" : settings.Tls.Certificate;
            logger.Certificate(kind, certificate.Current.NotAfter, certificate.Fingerprint);
        }

        Users(logger, configured, generated);
    }

    private static void Users(ILogger logger, Configured configured, Credentials? generated)
    {
        var file = Path.Combine(configured.Settings.Engine.MetadataFolder, "credentials");
        if (generated is null)
        {
            logger.Users(string.Join(", ", configured.Users.Select(u => u.Name)));
            return;
        }

        if (!generated.WasUsed)
        {
            // To the terminal alone: what goes through the log is kept in files that others may read.
            Console.Out.WriteLine($"User: {generated.Name}  Password: {generated.Password}");
        }

        logger.KeptPassword(generated.Name, file);
    }

    private static string[] Addresses(Listeners listeners, Listener listener, IEnumerable<string> hosts)
    {
        var plain = listeners.Port(listener, isTls: false) is { } port ? hosts.Select(h => $"http://{h}:{port}/") : [];
        var secure = listeners.Port(listener, isTls: true) is { } tlsPort ? hosts.Select(h => $"https://{h}:{tlsPort}/") : [];
        return [.. plain, .. secure];
    }

    // How programs on this machine, then how others on the network reach an address that we listen on. The others are looked up when they are asked for.
    private static IEnumerable<string> Hosts(IPAddress? address)
    {
        return address is not null && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
            ? [Host(address)]
            : NetworkAddresses().Select(Host).Prepend("localhost");
    }

    private static IEnumerable<IPAddress> NetworkAddresses()
    {
        var addresses = NetworkInterface
            .GetAllNetworkInterfaces()
            .Where(i => i.OperationalStatus == OperationalStatus.Up && i.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Select(a => a.Address)
            .Where(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a))
            .Distinct()
            .Take(2);
        foreach (var address in addresses)
        {
            yield return address;
        }
    }

    private static string Host(IPAddress address)
    {
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
    }
}
