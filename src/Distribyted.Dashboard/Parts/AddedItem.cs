using Distribyted.Dashboard.Text;
using Distribyted.Web.Api.V1.Contracts;

namespace Distribyted.Dashboard.Parts;

/// <summary>A torrent that was added on this page, and how far it is.</summary>
/// <param name="Name">Its name, or what was pasted.</param>
/// <param name="Hash">Info hash; null: it was refused.</param>
/// <param name="Word">The same in a word.</param>
/// <param name="Class">The class of its chip.</param>
/// <param name="Text">In a sentence.</param>
/// <param name="IsPending">Whether its metadata is still to come.</param>
internal sealed record AddedItem(string Name, string? Hash, string Word, string Class, string Text, bool IsPending)
{
    private const string Finding = "Asks peers what is in it.";

    /// <summary>What became of it at first.</summary>
    public static AddedItem Of(string source, AddResultView result)
    {
        return result switch
        {
            { Problem: { } problem } => new AddedItem(Short(source), null, "Not added", "bad", problem, false),
            { IsPending: true } => new AddedItem(result.Name ?? Short(source), result.Hash, "Looking", "warn", Finding, true),
            _ => new AddedItem(
                result.Name ?? Short(source),
                result.Hash,
                "Ready",
                "good",
                result.Outcome == AddOutcomeView.Known ? "It was in this route already." : "Its files can be opened now.",
                false
            ),
        };
    }

    /// <summary>The same, as the torrent is now.</summary>
    /// <param name="torrent">Null: it was removed.</param>
    public AddedItem Seen(TorrentDetailView? torrent)
    {
        return torrent switch
        {
            null => this with { Hash = null, Word = "Deleted", Class = "", Text = "It is not in the library any more.", IsPending = false },
            { State: TorrentStateView.Pending } => this with
            {
                Text =
                    (torrent.Peers > 0 ? Say.Count(torrent.Peers, "peer") + " connected. " : "") + Say.Sentence(torrent.Reason ?? Finding),
            },
            _ => this with
            {
                Name = torrent.Name,
                Word = "Ready",
                Class = "good",
                Text = $"{Say.Bytes(torrent.Length ?? 0)}. Its files can be opened now.",
                IsPending = false,
            },
        };
    }

    private static string Short(string text)
    {
        return text.Length > 80 ? text[..80] + "…" : text;
    }
}
