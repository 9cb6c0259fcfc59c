using System.Text.Json;

namespace Distribyted.Web.Api.Contracts;

/// <summary>POST /api/routes/{route}/torrent as JSON.</summary>
/// <param name="Magnet">Magnet link or bare info hash.</param>
/// <param name="Url">Address of a <c>.torrent</c>; not in this version.</param>
internal sealed record AddTorrentRequest(string? Magnet, string? Url)
{
    /// <summary>Reads a body; null: it is the word null.</summary>
    /// <exception cref="JsonException">It is not JSON, or not of this shape.</exception>
    public static AddTorrentRequest? Read(ReadOnlySpan<byte> body)
    {
        return JsonSerializer.Deserialize(body, ApiJson.Default.AddTorrentRequest);
    }
}

/// <summary>202: kept, and tried for ever.</summary>
internal sealed record PendingView(string Hash, string State);
