using System.Text.Json.Serialization;

namespace Distribyted.Web.Api.V1.Contracts;

/// <summary>How a shared folder is doing.</summary>
public enum SharedFolderStateView
{
    /// <summary>It was not looked at yet.</summary>
    [JsonStringEnumMemberName("unknown")]
    Unknown,

    /// <summary>Its torrent is offered.</summary>
    [JsonStringEnumMemberName("seeding")]
    Seeding,

    /// <summary>Its files are hashed for the first time.</summary>
    [JsonStringEnumMemberName("reading")]
    Reading,

    /// <summary>Changed files are hashed; the former torrent is still offered.</summary>
    [JsonStringEnumMemberName("updating")]
    Updating,

    /// <summary>It is empty: there is nothing to offer.</summary>
    [JsonStringEnumMemberName("stopped")]
    Stopped,

    /// <summary>It cannot be read; the log says why.</summary>
    [JsonStringEnumMemberName("error")]
    Error,
}

/// <summary>One shared folder (<c>servers</c> of the configuration).</summary>
/// <param name="Name">As configured.</param>
/// <param name="Folder">As configured.</param>
/// <param name="State">How it is doing.</param>
/// <param name="Hash">Info hash of its torrent; null: there is none yet.</param>
/// <param name="Magnet">Link to it; null: there is none yet.</param>
/// <param name="UpdatedAt">When its torrent was made; null: never.</param>
/// <param name="Peers">Connected.</param>
/// <param name="UploadedBytes">Payload to peers since the program started.</param>
/// <param name="Hashed">How much of the folder is hashed, 0 to 1, while it is read; else null.</param>
public sealed record SharedFolderItemView(
    string Name,
    string Folder,
    SharedFolderStateView State,
    string? Hash,
    string? Magnet,
    DateTimeOffset? UpdatedAt,
    int Peers,
    long UploadedBytes,
    double? Hashed
);

/// <summary>All shared folders, in the order of the configuration.</summary>
public sealed record SharedFoldersView(IReadOnlyList<SharedFolderItemView> Items);
