namespace Distribyted.Http.Telemetry;

/// <summary>How the sending of a file ended.</summary>
internal enum FileEnd
{
    /// <summary>Everything was sent.</summary>
    Complete,

    /// <summary>The client went away or read nothing for too long.</summary>
    Aborted,

    /// <summary>The bytes did not come.</summary>
    Failed,
}
