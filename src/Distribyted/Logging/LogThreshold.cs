namespace Distribyted.Logging;

/// <summary>Lowest level that is written.</summary>
internal enum LogThreshold
{
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}
