using System.Text.Json.Serialization;

namespace Distribyted.Web.Api.Contracts;

/// <summary>How the API's shapes are written: the Go program's names, made at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(StatusView))]
[JsonSerializable(typeof(IReadOnlyList<RouteView>))]
[JsonSerializable(typeof(IReadOnlyList<ServerView>))]
[JsonSerializable(typeof(AddTorrentRequest))]
[JsonSerializable(typeof(PendingView))]
[JsonSerializable(typeof(ProblemView))]
[JsonSerializable(typeof(HealthView))]
internal sealed partial class ApiJson : JsonSerializerContext;
