using Microsoft.Extensions.Logging;

namespace Distribyted.WebDav.Telemetry;

/// <summary>Log messages of this project. Ids 3000-3499.</summary>
internal static partial class Log
{
    /// <summary>A request was refused.</summary>
    [LoggerMessage(3000, LogLevel.Debug, "{Method} refused with {Status}: {Reason}")]
    public static partial void Refused(this ILogger logger, string method, int status, string reason);

    /// <summary>A handler failed in an unexpected way.</summary>
    [LoggerMessage(3001, LogLevel.Error, "{Method} failed.")]
    public static partial void RequestFailed(this ILogger logger, Exception exception, string method);

    /// <summary>A write took place.</summary>
    [LoggerMessage(3002, LogLevel.Information, "{Method} {Path} by {User}: {Outcome}")]
    public static partial void Written(
        this ILogger logger,
        string method,
        FileSystem.VirtualPath path,
        string user,
        FileSystem.WriteOutcome outcome
    );
}
