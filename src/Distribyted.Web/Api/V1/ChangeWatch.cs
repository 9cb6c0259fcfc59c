using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Swarms;
using Distribyted.Platform;
using Distribyted.Routes;
using Distribyted.Routes.Model;
using Distribyted.Web.Api.V1.Contracts;
using Distribyted.Web.Changes;
using Distribyted.Web.Stalls;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Distribyted.Web.Api.V1;

/// <summary>Turns what happens in engine and library into changes for listeners, and notes stalls. Until something happens it is a task that waits. The library
/// is compared from the first listener on.</summary>
internal sealed class ChangeWatch(
    TorrentSession session,
    RouteManager routes,
    ChangeFeed feed,
    StallLog stalls,
    TimeProvider time,
    ILogger<ChangeWatch> logger
) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<SessionEvent> _happened = Channel.CreateUnbounded<SessionEvent>(
        new UnboundedChannelOptions { SingleReader = true }
    );
    private readonly Lock _lock = new();
    private readonly Dictionary<(InfoHash Torrent, long Reader), string> _running = []; // ids of stalls that are not over; of the engine's task only
    private int _stalls;
    private Task _engine = Task.CompletedTask;
    private Task? _library; // guarded by _lock; null: not watched yet

    /// <summary>Names this run of the program: numbers of changes begin anew with each.</summary>
    public string Run { get; } = time.GetUtcNow().ToUnixTimeMilliseconds().ToString("x", CultureInfo.InvariantCulture);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        session.Watch(happened => _happened.Writer.TryWrite(happened));
        _engine = Background.Run("watch of the engine", logger, WatchEngineAsync);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        session.Watch(null);
        await _stop.CancelAsync();
        _happened.Writer.TryComplete();
        await _engine;
        await (_library ?? Task.CompletedTask);
    }

    public void Dispose()
    {
        _stop.Dispose();
    }

    /// <summary>From now on changes of the library are told.</summary>
    public void WatchLibrary()
    {
        lock (_lock)
        {
            var former = routes.Current;
            _library ??= Background.Run("watch of the library", logger, () => WatchLibraryAsync(former));
        }
    }

    private async Task WatchEngineAsync()
    {
        await foreach (var happened in _happened.Reader.ReadAllAsync())
        {
            Background.Try("watch of the engine", logger, () => Tell(happened));
        }
    }

    private async Task WatchLibraryAsync(Library former)
    {
        try
        {
            await foreach (var next in routes.WatchAsync(_stop.Token))
            {
                foreach (var (type, route, torrent) in LibraryDifference.Between(former, next))
                {
                    Publish([route.Name], new ChangeView(type, route.Name, torrent?.InfoHash.ToString(), torrent?.Name));
                }

                former = next;
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The program ends.
        }
    }

    private void Tell(SessionEvent happened)
    {
        var rows = routes.Find(happened.Torrent);
        if (rows.Count == 0)
        {
            return; // of a shared folder, or removed meanwhile
        }

        switch (happened.Kind)
        {
            case SessionEventKind.TorrentActive or SessionEventKind.TorrentIdle:
                var type = happened.Kind == SessionEventKind.TorrentActive ? "torrentActive" : "torrentIdle";
                foreach (var row in rows)
                {
                    Publish([row.Route], new ChangeView(type, row.Route, row.InfoHash.ToString(), row.Name));
                }

                break;
            case SessionEventKind.ReaderWaits:
                Waits(happened, rows);
                break;
            default:
                GoesOn(happened, rows);
                break;
        }
    }

    private void Waits(SessionEvent happened, IReadOnlyList<LibraryTorrent> rows)
    {
        var torrent = session.Find(happened.Torrent);
        if (torrent?.GetReaders().FirstOrDefault(r => r.Id == happened.Reader) is not { Wait: { } wait } reader)
        {
            return; // goes on already
        }

        if (!_running.TryGetValue((happened.Torrent, happened.Reader), out var id))
        {
            id = string.Create(CultureInfo.InvariantCulture, $"{Run}-{++_stalls}");
            _running.Add((happened.Torrent, happened.Reader), id);
        }

        var stall = new StallRecord(
            id,
            time.GetUtcNow() - wait.Waited,
            wait.Waited.TotalSeconds,
            false,
            happened.Torrent.ToString(),
            rows[0].Name,
            [.. rows.Select(static row => row.Route)],
            torrent.FileOf(reader) ?? rows[0].Name,
            reader.Client,
            wait.Piece,
            JsonSerializer.SerializeToElement(WaitCauseViews.Of(wait.Cause), ApiV1Json.Default.WaitCauseView).GetString()!,
            wait.Text
        );
        stalls.Add(stall);
        PublishStall("readerWaits", happened, rows[0], stall);
    }

    private void GoesOn(SessionEvent happened, IReadOnlyList<LibraryTorrent> rows)
    {
        if (_running.Remove((happened.Torrent, happened.Reader), out var id) && stalls.Find(id) is { } stall)
        {
            stall = stall with { Seconds = happened.Waited.TotalSeconds, IsOver = true };
            stalls.Add(stall);
            PublishStall("readerGoesOn", happened, rows[0], stall);
        }
    }

    private void PublishStall(string type, SessionEvent happened, LibraryTorrent row, StallRecord stall)
    {
        var change = new ChangeView(type, row.Route, stall.Hash, row.Name, $"{stall.Hash}-{happened.Reader}");
        Publish(
            stall.Routes,
            change with
            {
                Stall = StallsResource.View(stall, seesAddresses: true),
            },
            change with
            {
                Stall = StallsResource.View(stall, seesAddresses: false),
            }
        );
    }

    private void Publish(IReadOnlyList<string> about, ChangeView change, ChangeView? forReaders = null)
    {
        var data = JsonSerializer.Serialize(change, ApiV1Json.Default.ChangeView);
        feed.Publish(
            new Change(
                change.Type,
                about,
                data,
                forReaders is null ? data : JsonSerializer.Serialize(forReaders, ApiV1Json.Default.ChangeView)
            )
        );
    }
}
