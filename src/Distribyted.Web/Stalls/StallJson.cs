using System.Text.Json.Serialization;

namespace Distribyted.Web.Stalls;

/// <summary>How records of stalls stand in their file.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StallRecord))]
internal sealed partial class StallJson : JsonSerializerContext;
