namespace Distribyted.Web.Api.V1.Contracts;

/// <summary>A route that is to be made.</summary>
/// <param name="Name">One or more names of folders joined by slashes.</param>
public sealed record NewRouteView(string? Name);

/// <summary>A route that is to be renamed.</summary>
/// <param name="Name">Its new name; routes below it go along.</param>
public sealed record RenameRouteView(string? Name);

/// <summary>A torrent that is to be moved or renamed.</summary>
/// <param name="Route">The route that is to have it; null: the one that has it.</param>
/// <param name="Name">Its new name; null: the one it has.</param>
public sealed record MoveTorrentView(string? Route, string? Name);

/// <summary>A check of pieces that has begun.</summary>
/// <param name="StoredBytes">Bytes that are hashed.</param>
public sealed record RecheckView(long StoredBytes);
