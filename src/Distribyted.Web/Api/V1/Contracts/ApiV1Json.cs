using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;

namespace Distribyted.Web.Api.V1.Contracts;

/// <summary>How the shapes of API v1 are read and written, made at compile time: a new one needs a line here.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    PropertyNameCaseInsensitive = true,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(TorrentPageView))]
[JsonSerializable(typeof(RouteListView))]
[JsonSerializable(typeof(RouteItemView))]
[JsonSerializable(typeof(NewRouteView))]
[JsonSerializable(typeof(RenameRouteView))]
[JsonSerializable(typeof(TorrentItemView))]
[JsonSerializable(typeof(TorrentDetailView))]
[JsonSerializable(typeof(TorrentFilesView))]
[JsonSerializable(typeof(PieceMapView))]
[JsonSerializable(typeof(PeersView))]
[JsonSerializable(typeof(PeerSourcesView))]
[JsonSerializable(typeof(MoveTorrentView))]
[JsonSerializable(typeof(AddView))]
[JsonSerializable(typeof(AddResultsView))]
[JsonSerializable(typeof(RecheckView))]
[JsonSerializable(typeof(ReadersView))]
[JsonSerializable(typeof(StatisticsView))]
[JsonSerializable(typeof(StallsView))]
[JsonSerializable(typeof(ChangeView))]
[JsonSerializable(typeof(WaitCauseView))]
[JsonSerializable(typeof(SettingsView))]
[JsonSerializable(typeof(SharedFoldersView))]
[JsonSerializable(typeof(ConnectView))]
[JsonSerializable(typeof(CheckView))]
[JsonSerializable(typeof(ClientsView))]
[JsonSerializable(typeof(ProblemDetails))]
internal sealed partial class ApiV1Json : JsonSerializerContext;
