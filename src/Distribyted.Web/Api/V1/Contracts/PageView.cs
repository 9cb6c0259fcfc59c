namespace Distribyted.Web.Api.V1.Contracts;

/// <summary>A part of a long list of torrents.</summary>
/// <param name="Items">At most <c>limit</c>, in the order that was asked for.</param>
/// <param name="Total">How many there are that fit the filters.</param>
/// <param name="Offset">How many of them come before the first of these.</param>
/// <param name="Next">The offset of the next part; null: this is the last one.</param>
public sealed record TorrentPageView(IReadOnlyList<TorrentItemView> Items, int Total, int Offset, int? Next);
