using System.Text.Json.Serialization;

namespace Distribyted.Web.Api.V1.Contracts;

/// <summary>How a torrent is doing.</summary>
public enum TorrentStateView
{
    /// <summary>Its metadata is not here yet.</summary>
    [JsonStringEnumMemberName("pending")]
    Pending,

    /// <summary>Nothing reads it: it has no connections, and begins again with the next read.</summary>
    [JsonStringEnumMemberName("idle")]
    Idle,

    /// <summary>It has connections to peers, or looks for them.</summary>
    [JsonStringEnumMemberName("active")]
    Active,
}
