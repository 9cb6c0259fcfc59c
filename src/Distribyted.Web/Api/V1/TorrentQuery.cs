namespace Distribyted.Web.Api.V1;

/// <summary>Which torrents a page of the list has, as the parameters of GET /torrents.</summary>
/// <param name="Route">Of this route only; null: of all.</param>
/// <param name="State"><c>pending</c>, <c>idle</c> or <c>active</c>; null: all.</param>
/// <param name="Text">A part of the name, or the beginning of the info hash; null or empty: all.</param>
/// <param name="Sort"><c>name</c>, <c>added</c>, <c>length</c> or <c>route</c>, with <c>-</c> before it the other way round; null: by name.</param>
/// <param name="Offset">How many come before the first.</param>
/// <param name="Limit">1 to 1000.</param>
public sealed record TorrentQuery(
    string? Route = null,
    string? State = null,
    string? Text = null,
    string? Sort = null,
    int Offset = 0,
    int Limit = 100
);
