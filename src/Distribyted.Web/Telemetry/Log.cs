using Microsoft.Extensions.Logging;

namespace Distribyted.Web.Telemetry;

// Ids 4000 to 4999; never used twice.
internal static partial class Log
{
    [LoggerMessage(4000, LogLevel.Information, "Route {Route}: no peer sent the metadata of {Torrent} within {Timeout}; it was not added.")]
    public static partial void MetadataTimedOut(this ILogger logger, string route, string torrent, TimeSpan timeout);

    [LoggerMessage(
        4002,
        LogLevel.Warning,
        "The stalls of readers cannot be kept on disk ({Reason}); they are shown until the program ends."
    )]
    public static partial void StallsNotKept(this ILogger logger, string reason);

    [LoggerMessage(4001, LogLevel.Error, "{Method} {Path} failed.")]
    public static partial void RequestFailed(this ILogger logger, string method, string path, Exception exception);
}
