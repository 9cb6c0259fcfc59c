namespace Distribyted.Web.Api.V1.Contracts;

/// <summary>One route.</summary>
/// <param name="Name">One or more names of folders joined by slashes.</param>
/// <param name="AddedAt">When it was made.</param>
/// <param name="FixedBy">The line of the configuration that names it; null: clients may rename and remove it. Null for users who may only read.</param>
/// <param name="Torrents">How many it has.</param>
/// <param name="Pending">How many of them wait for metadata.</param>
/// <param name="Length">Bytes of all of them.</param>
public sealed record RouteItemView(string Name, DateTimeOffset AddedAt, string? FixedBy, int Torrents, int Pending, long Length);

/// <summary>All routes that the user sees, by name.</summary>
public sealed record RouteListView(IReadOnlyList<RouteItemView> Items);
