using Microsoft.Extensions.Logging;

namespace Distribyted.Archives.Telemetry;

/// <summary>Log messages of this project. Ids 6000 to 6099; an id is never used again for something else.</summary>
internal static partial class Log
{
    [LoggerMessage(6000, LogLevel.Debug, "Archive {Name}: {Entries} entries ({Format}).")]
    internal static partial void IndexRead(this ILogger logger, string name, int entries, string format);

    [LoggerMessage(
        6001,
        LogLevel.Information,
        "Archive {Name}: its list of entries cannot be read: {Reason} Next attempt in {Wait} at the earliest."
    )]
    internal static partial void IndexFailed(this ILogger logger, string name, string reason, TimeSpan wait);

    [LoggerMessage(6002, LogLevel.Error, "Archive {Name}: its list of entries met an unexpected error; please report this.")]
    internal static partial void IndexBroken(this ILogger logger, string name, Exception exception);

    [LoggerMessage(6003, LogLevel.Debug, "The kept list of entries {Path} cannot be read: {Reason} It is made again.")]
    internal static partial void IndexNotRead(this ILogger logger, string path, string reason);

    [LoggerMessage(
        6004,
        LogLevel.Warning,
        "A list of entries of an archive cannot be kept in {Folder}: {Reason} It is read again after a restart."
    )]
    internal static partial void IndexNotKept(this ILogger logger, string folder, string reason);

    [LoggerMessage(6010, LogLevel.Information, "{Name} cannot be decompressed: {Reason}")]
    internal static partial void UnpackingFailed(this ILogger logger, string name, string reason, Exception? exception);
}
