namespace Distribyted.Routes.Telemetry;

/// <summary>How much is in the library.</summary>
/// <param name="Routes">Routes.</param>
/// <param name="Torrents">Torrents of all routes; one that two routes have counts twice.</param>
/// <param name="Pending">Those of them that wait for metadata.</param>
internal readonly record struct LibraryCounts(int Routes, int Torrents, int Pending);
