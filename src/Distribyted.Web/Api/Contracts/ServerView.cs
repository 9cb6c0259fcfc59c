namespace Distribyted.Web.Api.Contracts;

/// <summary>One shared folder of GET /api/servers.</summary>
/// <param name="MagnetUri">Empty until there is one.</param>
/// <param name="UpdatedAt">Unix seconds; 0: never.</param>
/// <param name="Name">As configured.</param>
/// <param name="Folder">As configured.</param>
/// <param name="State"><c>Unknown Seeding Reading Updating Stopped Error</c>.</param>
/// <param name="Peers">Connected.</param>
/// <param name="Seeds">Connected ones that have everything.</param>
internal sealed record ServerView(string MagnetUri, long UpdatedAt, string Name, string Folder, string State, int Peers, int Seeds);
