using System.Text.Json.Serialization;

namespace Distribyted.Routes.Sharing;

/// <summary>How <see cref="FolderHashes"/> are written, made at compile time.</summary>
[JsonSerializable(typeof(FolderHashes))]
internal sealed partial class SharingJson : JsonSerializerContext;
