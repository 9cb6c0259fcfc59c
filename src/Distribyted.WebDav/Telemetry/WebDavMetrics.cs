using System.Diagnostics.Metrics;
using Distribyted.FileSystem;
using Distribyted.WebDav.Locks;

namespace Distribyted.WebDav.Telemetry;

/// <summary>Instruments of this project.</summary>
internal sealed class WebDavMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Distribyted.WebDav";

    private readonly Counter<long> _entries;
    private readonly Counter<long> _writes;
    private readonly Counter<long> _refused;

    /// <summary>Makes the instruments.</summary>
    public WebDavMetrics(IMeterFactory factory, LockTable locks)
    {
        var meter = factory.Create(MeterName);
        _entries = meter.CreateCounter<long>("distribyted.webdav.entries", "{entry}", "Entries written into PROPFIND answers.");
        _writes = meter.CreateCounter<long>("distribyted.webdav.writes", "{write}", "Writes that were tried, by method and outcome.");
        _refused = meter.CreateCounter<long>(
            "distribyted.webdav.refused",
            "{request}",
            "Requests that were refused, by method and status."
        );
        meter.CreateObservableUpDownCounter("distribyted.webdav.locks", () => locks.Count, "{lock}", "Locks that are held.");
    }

    /// <summary>A listing went out.</summary>
    public void Listed(int entries)
    {
        _entries.Add(entries);
    }

    /// <summary>A write was tried.</summary>
    public void Wrote(string method, WriteOutcome outcome)
    {
        _writes.Add(
            1,
            new KeyValuePair<string, object?>("method", method),
            new KeyValuePair<string, object?>("outcome", outcome.ToString())
        );
    }

    /// <summary>A request was refused.</summary>
    /// <param name="method">A method of this server; "other" for any else.</param>
    /// <param name="status">HTTP status of the answer.</param>
    public void Refused(string method, int status)
    {
        _refused.Add(1, new KeyValuePair<string, object?>("method", method), new KeyValuePair<string, object?>("status", status));
    }
}
