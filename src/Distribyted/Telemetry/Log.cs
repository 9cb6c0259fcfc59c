namespace Distribyted.Telemetry;

// Ids 5000 to 5999; never used twice.
internal static partial class Log
{
    [LoggerMessage(5000, LogLevel.Warning, "{Where} {Text}")]
    public static partial void ConfigurationWarning(this ILogger logger, string where, string text);

    [LoggerMessage(5001, LogLevel.Information, "{Note}")]
    public static partial void ConfigurationNote(this ILogger logger, string note);

    [LoggerMessage(5002, LogLevel.Warning, "{Text}")]
    public static partial void MachineWarning(this ILogger logger, string text);

    [LoggerMessage(5010, LogLevel.Information, "Mount (WebDAV): {Address}")]
    public static partial void MountAt(this ILogger logger, string address);

    [LoggerMessage(5011, LogLevel.Information, "Web:            {Address}   files at {Address2}")]
    public static partial void WebAt(this ILogger logger, string address, string address2);

    [LoggerMessage(5012, LogLevel.Information, "WebDAV is off: the configuration has no section \"webdav\".")]
    public static partial void WebDavIsOff(this ILogger logger);

    [LoggerMessage(5014, LogLevel.Information, "User: {User}  Password: as configured")]
    public static partial void Users(this ILogger logger, string user);

    [LoggerMessage(5015, LogLevel.Information, "User: {User}  Password: in {File}")]
    public static partial void KeptPassword(this ILogger logger, string user, string file);

    [LoggerMessage(5016, LogLevel.Information, "Certificate:    {Kind}, until {End:yyyy-MM-dd}, SHA-256 {Fingerprint}")]
    public static partial void Certificate(this ILogger logger, string kind, DateTime end, string fingerprint);

    [LoggerMessage(5020, LogLevel.Information, "Ready:   {Path}")]
    public static partial void TorrentReady(this ILogger logger, string path);

    [LoggerMessage(5021, LogLevel.Information, "Waiting: {Path} ({Reason})")]
    public static partial void TorrentWaits(this ILogger logger, string path, string reason);

    [LoggerMessage(5022, LogLevel.Information, "Torrents: {Ready} ready, {Waiting} waiting for metadata. {More}")]
    public static partial void TorrentsInAll(this ILogger logger, int ready, int waiting, string more);

    [LoggerMessage(5025, LogLevel.Information, "A new certificate is in use, until {End:yyyy-MM-dd}, SHA-256 {Fingerprint}")]
    public static partial void CertificateTaken(this ILogger logger, DateTime end, string fingerprint);

    [LoggerMessage(5026, LogLevel.Warning, "The new certificate is not taken, the former one stays in use. {Reason}")]
    public static partial void CertificateKept(this ILogger logger, string reason);

    [LoggerMessage(
        5027,
        LogLevel.Warning,
        "Connections are refused, this one from {Address}: {Most} at once is what the system has open files for (ulimit -n, LimitNOFILE), and one address gets half."
    )]
    public static partial void ConnectionRefused(this ILogger logger, string address, int most);

    [LoggerMessage(
        5028,
        LogLevel.Error,
        "The certificate files could not be looked at; the next try is in ten seconds. Please report this."
    )]
    public static partial void CertificateWatchFailed(this ILogger logger, Exception exception);

    [LoggerMessage(5029, LogLevel.Debug, "Warm-up: {Step} took {Milliseconds:0.0} ms.")]
    public static partial void WarmedUp(this ILogger logger, string step, double milliseconds);

    [LoggerMessage(5032, LogLevel.Debug, "Warm-up: {Step} was left out. {Reason}")]
    public static partial void NotWarmedUp(this ILogger logger, string step, string reason);

    [LoggerMessage(5030, LogLevel.Information, "Stopping.")]
    public static partial void Stopping(this ILogger logger);
}
