using System.Text;
using Distribyted.BitTorrent.Discovery.Http;
using Distribyted.BitTorrent.Discovery.Trackers.Exchange;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Discovery.Trackers;

/// <summary>The trackers that public torrents ask besides their own: those of the configuration, and those of a list on the web that is fetched daily. The last
/// good list is kept in a file, so that a start without network has it. Safe for use by many threads; starts and stops once.</summary>
public sealed class ExtraTrackerList : IAsyncDisposable
{
    /// <summary>Name of the file in the metadata folder.</summary>
    public const string FileName = "extra-trackers.txt";

    /// <summary>Most bytes of a list.</summary>
    public const int MaxLength = 256 * 1024;

    /// <summary>Most trackers of a list that are used: each is asked by each public torrent.</summary>
    public const int MaxTrackers = 50;

    private static readonly TimeSpan Daily = TimeSpan.FromHours(24);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(1); // after a failure
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(6);

    private readonly DiscoveryOptions _options;
    private readonly string _path;
    private readonly OutgoingHttp _http;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private IReadOnlyList<string> _current; // replaced, never changed
    private Task _fetching = Task.CompletedTask;

    /// <param name="options">The configured trackers and the address of the list.</param>
    /// <param name="folder">Where the last good list is kept.</param>
    /// <param name="http">Fetches it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For failures.</param>
    public ExtraTrackerList(DiscoveryOptions options, string folder, OutgoingHttp http, TimeProvider time, ILogger logger)
    {
        _options = options;
        _path = Path.Combine(folder, FileName);
        _http = http;
        _time = time;
        _logger = logger;
        _current = options.ExtraTrackers;
    }

    /// <summary>The trackers now.</summary>
    public IReadOnlyList<string> Current => Volatile.Read(ref _current);

    /// <summary>Takes the list of the last run, and begins to fetch. Does nothing without an address.</summary>
    /// <param name="changed">Called when <see cref="Current"/> is another one.</param>
    public void Start(Action changed)
    {
        if (_options.ExtraTrackersUrl.Length == 0)
        {
            return;
        }

        if (Load() is { } kept && Use(kept))
        {
            changed();
        }

        _fetching = Background.Run("fetch of the list of trackers", _logger, () => FetchDailyAsync(changed));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _fetching;
        _stop.Dispose();
    }

    /// <summary>The trackers of a list: one a line, what is no tracker that can be asked left out.</summary>
    internal static IReadOnlyList<string> Parse(ReadOnlySpan<byte> text)
    {
        return
        [
            .. Encoding
                .UTF8.GetString(text)
                .Split(['\n', '\r', ',', ' '], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Where(static line => TrackerMessages.Usable(line) is not null)
                .Distinct(StringComparer.Ordinal)
                .Take(MaxTrackers),
        ];
    }

    private async Task FetchDailyAsync(Action changed)
    {
        var pause = FirstPause;
        await Task.Delay(UntilDue(), _time, _stop.Token);
        while (true)
        {
            var (text, trouble) = await FetchAsync();
            if (text is null)
            {
                _logger.TrackerListFailed(trouble!, pause);
                await Task.Delay(pause, _time, _stop.Token);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                continue;
            }

            pause = FirstPause;
            await KeepAsync(text);
            if (Use(text))
            {
                _logger.TrackerListFetched(Current.Count);
                Background.Try("use of the list of trackers", _logger, changed);
            }

            await Task.Delay(Daily, _time, _stop.Token);
        }
    }

    /// <summary>How long the list of the last run is good still.</summary>
    private TimeSpan UntilDue()
    {
        var age = File.Exists(_path) ? _time.GetUtcNow().UtcDateTime - File.GetLastWriteTimeUtc(_path) : Daily;
        return age < TimeSpan.Zero || age >= Daily ? TimeSpan.Zero : Daily - age;
    }

    private async Task<(byte[]? Text, string? Trouble)> FetchAsync()
    {
        var (text, trouble) = await _http.FetchTextAsync(new Uri(_options.ExtraTrackersUrl), MaxLength, Patience, _stop.Token);
        return text is not null && Parse(text).Count == 0 ? (null, "there is no tracker in it") : (text, trouble);
    }

    private bool Use(byte[] text)
    {
        IReadOnlyList<string> now = [.. _options.ExtraTrackers.Union(Parse(text), StringComparer.Ordinal)];
        var isNew = !now.SequenceEqual(Current, StringComparer.Ordinal);
        Volatile.Write(ref _current, now);
        return isNew;
    }

    private byte[]? Load()
    {
        try
        {
            return File.Exists(_path) && new FileInfo(_path).Length <= MaxLength ? File.ReadAllBytes(_path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // it is fetched anew
        }
    }

    private async Task KeepAsync(byte[] text)
    {
        try
        {
            await DurableFile.ReplaceAsync(_path, async stream => await stream.WriteAsync(text));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _logger.TrackerListNotKept(e.Message);
        }
    }
}
