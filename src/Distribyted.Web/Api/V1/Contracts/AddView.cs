using System.Text.Json.Serialization;

namespace Distribyted.Web.Api.V1.Contracts;

/// <summary>Torrents that are to be added.</summary>
/// <param name="Sources">Magnet links, bare info hashes (40 hexadecimal or 32 base32 digits), and http or https addresses of <c>.torrent</c> files; 1 to 1000.</param>
public sealed record AddView(IReadOnlyList<string>? Sources);

/// <summary>What became of one of them.</summary>
public enum AddOutcomeView
{
    /// <summary>It is new in this route.</summary>
    [JsonStringEnumMemberName("added")]
    Added,

    /// <summary>The route had it; what is new of its trackers and peers was added.</summary>
    [JsonStringEnumMemberName("known")]
    Known,

    /// <summary>It was not added; the problem says why.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,
}

/// <summary>What became of one torrent.</summary>
/// <param name="Index">Its place in the request, from 0.</param>
/// <param name="Outcome">Whether it was added.</param>
/// <param name="Hash">Its info hash; null: refused.</param>
/// <param name="Name">Its name in the route; null: refused.</param>
/// <param name="IsPending">Whether its metadata is still to come.</param>
/// <param name="Problem">Why it was refused; null: it was not.</param>
public sealed record AddResultView(int Index, AddOutcomeView Outcome, string? Hash, string? Name, bool IsPending, string? Problem);

/// <summary>What became of each torrent, in the order of the request.</summary>
public sealed record AddResultsView(IReadOnlyList<AddResultView> Items);
