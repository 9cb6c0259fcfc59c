namespace Distribyted.Dashboard.Logs;

/// <summary>How grave a line of the log is.</summary>
internal enum LogGrade
{
    /// <summary>For those who look for a fault.</summary>
    Debug,

    /// <summary>What happened.</summary>
    Info,

    /// <summary>Something is not as it should be.</summary>
    Warning,

    /// <summary>Something failed.</summary>
    Error,
}
