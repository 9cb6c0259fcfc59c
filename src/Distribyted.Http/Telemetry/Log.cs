using Distribyted.FileSystem;
using Microsoft.Extensions.Logging;

namespace Distribyted.Http.Telemetry;

// Ids 3500 to 3999; never used twice.
internal static partial class Log
{
    [LoggerMessage(3500, LogLevel.Warning, "{Path}: cut after {Sent} of {Length} bytes: {Failure}. {Reason}")]
    public static partial void FileCut(
        this ILogger logger,
        VirtualPath path,
        long sent,
        long length,
        FileSystemFailure failure,
        string reason
    );

    [LoggerMessage(3501, LogLevel.Warning, "{Path} cannot be opened: {Failure}. {Reason}")]
    public static partial void FileNotOpened(this ILogger logger, VirtualPath path, FileSystemFailure failure, string reason);

    [LoggerMessage(3502, LogLevel.Debug, "{Path}: timeout, the client read nothing for an hour; closed after {Sent} of {Length} bytes.")]
    public static partial void ClientIdle(this ILogger logger, VirtualPath path, long sent, long length);

    [LoggerMessage(3510, LogLevel.Information, "Wrong password for {User} from {Address}, {Failures} so far.")]
    public static partial void WrongPassword(this ILogger logger, string user, string address, int failures);

    [LoggerMessage(3511, LogLevel.Warning, "{User} from {Address} is locked out for {Time} after {Failures} wrong passwords.")]
    public static partial void LockedOut(this ILogger logger, string user, string address, TimeSpan time, int failures);

    [LoggerMessage(3512, LogLevel.Debug, "A sign-in from {Address} cannot be read: {Reason}.")]
    public static partial void MalformedSignIn(this ILogger logger, string address, string reason);

    [LoggerMessage(
        3513,
        LogLevel.Debug,
        "The same wrong password for {User} from {Address} again; not counted. A client was left with an old one."
    )]
    public static partial void SamePassword(this ILogger logger, string user, string address);

    [LoggerMessage(
        3514,
        LogLevel.Debug,
        "A Digest sign-in from {Address} is for {Uri}, and the request is for {Target}: a proxy in between has changed the path."
    )]
    public static partial void DigestMismatch(this ILogger logger, string address, string uri, string target);

    [LoggerMessage(3520, LogLevel.Information, "{User} signed in with a browser from {Address}.")]
    public static partial void BrowserSignedIn(this ILogger logger, string user, string address);

    [LoggerMessage(3521, LogLevel.Information, "{User} signed out all browsers from {Address}.")]
    public static partial void BrowsersSignedOut(this ILogger logger, string user, string address);

    [LoggerMessage(
        3522,
        LogLevel.Warning,
        "Who is signed in with a browser cannot be kept: {Reason}. After a restart they have to sign in again."
    )]
    public static partial void SessionsNotKept(this ILogger logger, string reason);

    [LoggerMessage(3523, LogLevel.Warning, "Who was signed in with a browser cannot be read: {Reason}. They have to sign in again.")]
    public static partial void SessionsNotRead(this ILogger logger, string reason);
}
