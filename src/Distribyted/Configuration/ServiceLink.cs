using System.Text.RegularExpressions;

namespace Distribyted.Configuration;

/// <summary>Variables that Kubernetes sets in every container of a namespace for each of its services, and Docker for linked containers. A service
/// called <c>distribyted-webdav</c> makes <c>DISTRIBYTED_WEBDAV_PORT=tcp://10.43.0.9:36911</c>, which is no value of ours.</summary>
internal static partial class ServiceLink
{
    /// <summary>Whether a variable whose name begins with DISTRIBYTED_ is one of them.</summary>
    public static bool IsOne(string name, string value)
    {
        return ByName().IsMatch(name) || (name.EndsWith("_PORT", StringComparison.Ordinal) && Address().IsMatch(value));
    }

    // kubernetes.io, Accessing the Service; docs.docker.com, Legacy container links.
    [GeneratedRegex(
        "^DISTRIBYTED_(?:[A-Z0-9_]+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?|ENV_\\w+)$",
        RegexOptions.None,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex ByName();

    [GeneratedRegex("^(?:tcp|udp|sctp)://", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Address();
}
