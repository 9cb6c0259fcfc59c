using System.Diagnostics.Metrics;

namespace Distribyted.Routes.Telemetry;

/// <summary>What the library counts. Counting is done when a listener asks.</summary>
internal sealed class RouteMetrics : IDisposable
{
    internal const string MeterName = "Distribyted.Routes";

    private readonly Meter _meter;
    private volatile Func<LibraryCounts> _count = static () => default;

    internal RouteMetrics(IMeterFactory? meters)
    {
        _meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _meter.CreateObservableGauge("distribyted.routes", () => _count().Routes, "{route}", "Routes.");
        _meter.CreateObservableGauge("distribyted.torrents", () => _count().Torrents, "{torrent}", "Torrents in routes.");
        _meter.CreateObservableGauge(
            "distribyted.torrents.pending",
            () => _count().Pending,
            "{torrent}",
            "Torrents in routes that wait for metadata."
        );
    }

    public void Dispose()
    {
        _meter.Dispose();
    }

    /// <summary>Counts another library from now on.</summary>
    internal void Changed(Func<LibraryCounts> count)
    {
        _count = count;
    }
}
