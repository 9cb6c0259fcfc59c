namespace Distribyted.Web.Api.V1.Contracts;

/// <summary>What an event of <c>/api/v1/events</c> says. What it is about decides which fields are there.</summary>
/// <param name="Type"><c>routeAdded routeRemoved torrentAdded torrentChanged torrentRemoved torrentActive torrentIdle readerWaits readerGoesOn</c>; <c>ready</c>
/// at the begin, <c>reset</c> when changes were missed and lists are to be read anew.</param>
/// <param name="Route">The route; null: it is about no single route.</param>
/// <param name="Hash">Info hash; null: it is about no torrent.</param>
/// <param name="Name">The torrent's name in its route; null: it is about no torrent.</param>
/// <param name="Reader">Id of the reader; null: it is about none.</param>
/// <param name="Stall">The wait of the reader; null: it is about none.</param>
public sealed record ChangeView(
    string Type,
    string? Route = null,
    string? Hash = null,
    string? Name = null,
    string? Reader = null,
    StallView? Stall = null
);
