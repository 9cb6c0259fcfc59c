using System.Text.Json.Serialization;

namespace Distribyted.Web.Api.V1.Contracts;

/// <summary>Where a piece is.</summary>
public enum PieceStateView
{
    /// <summary>Not here, and no reader wants it.</summary>
    [JsonStringEnumMemberName("absent")]
    Absent,

    /// <summary>Not here, and in the window of an open reader.</summary>
    [JsonStringEnumMemberName("wanted")]
    Wanted,

    /// <summary>Some of its blocks are here or asked for.</summary>
    [JsonStringEnumMemberName("inFlight")]
    InFlight,

    /// <summary>Verified, in memory only.</summary>
    [JsonStringEnumMemberName("inMemory")]
    InMemory,

    /// <summary>Verified and on disk.</summary>
    [JsonStringEnumMemberName("have")]
    Have,
}

/// <summary>Neighbouring pieces of one state.</summary>
/// <param name="State">Where they are.</param>
/// <param name="Count">How many, at least 1.</param>
public sealed record PieceRunView(PieceStateView State, int Count);

/// <summary>Where the pieces of a torrent are, run-length coded in piece order.</summary>
/// <param name="PieceCount">0 while pending.</param>
/// <param name="PieceLength">Bytes; 0 while pending.</param>
/// <param name="Runs">Empty while pending.</param>
public sealed record PieceMapView(int PieceCount, int PieceLength, IReadOnlyList<PieceRunView> Runs);
