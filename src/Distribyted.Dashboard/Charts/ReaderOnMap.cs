namespace Distribyted.Dashboard.Charts;

/// <summary>A reader on the map of pieces.</summary>
/// <param name="Piece">Where it is; a fraction is a place within the piece.</param>
/// <param name="FirstWanted">First piece of its window.</param>
/// <param name="LastWanted">Last piece of its window.</param>
public sealed record ReaderOnMap(double Piece, int FirstWanted, int LastWanted);
