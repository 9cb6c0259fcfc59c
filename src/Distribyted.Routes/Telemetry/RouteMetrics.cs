using System.Diagnostics.Metrics;
using Distribyted.Routes.Model;

namespace Distribyted.Routes.Telemetry;

/// <summary>What the library counts.</summary>
internal sealed class RouteMetrics : IDisposable
{
    internal const string MeterName = "Distribyted.Routes";

    private readonly Meter _meter;
    private volatile LibraryModel _model = LibraryModel.Empty;

    internal RouteMetrics(IMeterFactory? meters)
    {
        _meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _meter.CreateObservableGauge("distribyted.routes", () => _model.RouteCount, "{route}", "Routes.");
        _meter.CreateObservableGauge("distribyted.torrents", () => _model.Routes.Sum(r => r.Count), "{torrent}", "Torrents in routes.");
        _meter.CreateObservableGauge(
            "distribyted.torrents.pending",
            () => _model.Routes.Sum(r => r.PendingCount),
            "{torrent}",
            "Torrents in routes that wait for metadata."
        );
    }

    public void Dispose()
    {
        _meter.Dispose();
    }

    internal void Changed(LibraryModel model)
    {
        _model = model;
    }
}
