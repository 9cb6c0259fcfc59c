namespace Distribyted.Web.Api.Contracts;

/// <summary>GET /api/status.</summary>
/// <param name="CacheItems">Pieces in the cache.</param>
/// <param name="CacheFilled">Whole MB (1024 x 1024) in it.</param>
/// <param name="CacheCapacity">As configured, whole MB; -1: no limit.</param>
/// <param name="TorrentStats">What moved in the last two seconds.</param>
internal sealed record StatusView(long CacheItems, long CacheFilled, long CacheCapacity, TransferView TorrentStats);

/// <summary>Payload of the last complete two seconds; every caller sees the same.</summary>
/// <param name="DownloadedBytes">From peers.</param>
/// <param name="UploadedBytes">To peers.</param>
/// <param name="TimePassed">Seconds that the window really took.</param>
internal sealed record TransferView(long DownloadedBytes, long UploadedBytes, double TimePassed);
