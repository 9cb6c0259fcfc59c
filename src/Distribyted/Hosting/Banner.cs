using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Distribyted.Configuration;

namespace Distribyted.Hosting;

/// <summary>What people need after a start: where to mount, as whom.</summary>
internal static class Banner
{
    public static void Write(ILogger logger, Configured configured, Doors doors, Credentials? generated)
    {
        var settings = configured.Settings;
        foreach (var warning in configured.Report.Warnings)
        {
            logger.ConfigurationWarning(warning.Origin.ToString(), warning.Words);
        }

        if (configured.File.Note is { } note)
        {
            logger.ConfigurationNote(note);
        }

        if (doors.WebDavPort is { } dav)
        {
            logger.MountAt(string.Join("  ", Hosts(settings.Doors.WebDavAddress).Select(h => $"http://{h}:{dav}/")));
        }
        else
        {
            logger.WebDavIsOff();
        }

        if (doors.WebPort is { } web)
        {
            var hosts = Hosts(settings.Doors.WebAddress).Take(1).ToArray();
            logger.WebAt($"http://{hosts[0]}:{web}/", $"http://{hosts[0]}:{web}/fs/");
        }

        if (generated is null)
        {
            logger.Users(string.Join(", ", configured.Users.Select(u => u.Name)));
        }
        else if (generated.WasUsed)
        {
            logger.KeptPassword(generated.Name, Path.Combine(settings.Engine.MetadataFolder, "credentials"));
        }
        else
        {
            WritePassword(generated);
            logger.KeptPassword(generated.Name, Path.Combine(settings.Engine.MetadataFolder, "credentials"));
        }
    }

    // To the terminal alone: what goes through the log is kept in files that others may read.
    private static void WritePassword(Credentials generated)
    {
        Console.Out.WriteLine($"User: {generated.Name}  Password: {generated.Password}");
    }

    // How others on the network, then how programs on this machine reach an address that we listen on.
    private static IEnumerable<string> Hosts(IPAddress? address)
    {
        if (address is not null && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any))
        {
            return [Host(address)];
        }

        var others = NetworkInterface
            .GetAllNetworkInterfaces()
            .Where(i => i.OperationalStatus == OperationalStatus.Up && i.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Select(a => a.Address)
            .Where(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a))
            .Distinct()
            .Take(2)
            .Select(Host);
        return ["localhost", .. others];
    }

    private static string Host(IPAddress address)
    {
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
    }
}
