using System.Runtime.CompilerServices;
using Distribyted.Routes.Sources;
using Distribyted.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.Routes.Tests.Sources;

[TestFixture, CancelAfter(60_000)]
internal sealed class SourceReconcilerTests
{
    private const int SourceFailed = 2033;

    [Test]
    public async Task A_source_that_fails_is_logged_and_begun_anew(CancellationToken cancellationToken)
    {
        await using var library = await TestLibrary.StartAsync();
        var time = new FakeTimeProvider();
        var log = new RecordingLog();
        var source = new FailingOnce();
        var reconciler = new SourceReconciler(library.Manager, [source], time, log);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = reconciler.RunAsync(stop.Token);
        await log.WaitForAsync(SourceFailed, cancellationToken);

        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(FolderWatch.LookEvery);
                return library.Manager.Current.Routes.SelectMany(r => r.Torrents).Any();
            },
            cancellationToken
        );

        await stop.CancelAsync();
        await running;
    }

    private sealed class FailingOnce : ITorrentSource
    {
        private bool _hasFailed;

        public string Name => "test";

        public bool Answers(string route, string origin)
        {
            return false;
        }

        public async IAsyncEnumerable<IReadOnlyList<WantedTorrent>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            if (!_hasFailed)
            {
                _hasFailed = true;
                throw new InvalidOperationException("for the test");
            }

            yield return [new WantedTorrent("films", Rows.Hash("film"), Rows.Magnet("film", "Film"), null, Origins.Folder, "test")];
        }
    }
}
