using System.Net;
using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Hosting;
using Distribyted.Platform;
using Distribyted.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.Tests.Hosting;

/// <summary>What is done beforehand for the first user.</summary>
[CancelAfter(60_000)]
internal sealed class WarmUpTests
{
    private TempFolder _folder = null!;
    private TorrentSession _session = null!;

    [SetUp]
    public async Task StartSessionAsync()
    {
        _folder = new TempFolder();
        var options = new BitTorrentOptions
        {
            MetadataFolder = _folder.Path,
            Transport = { ListenPort = 0, BindAddresses = [IPAddress.Loopback] },
        };
        _session = new TorrentSession(options, NullLoggerFactory.Instance, TimeProvider.System);
        await _session.StartAsync(CancellationToken.None);
    }

    [TearDown]
    public async Task EndAsync()
    {
        await _session.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Steps_are_done_in_order_and_one_that_fails_is_logged(CancellationToken cancellationToken)
    {
        using var log = new RecordingLog();
        List<string> done = [];
        using var warmUp = Of(log, Step("one", done), new WarmUpStep("two", static _ => throw new InvalidOperationException("two")));

        await warmUp.StartAsync(cancellationToken);
        await log.WaitForAsync(1095, cancellationToken); // an error in the background
        await warmUp.StopAsync(cancellationToken);

        Assert.That(done, Is.EqualTo(new[] { "one" }));
        Assert.That(log.Count(5029), Is.EqualTo(1));
    }

    [Test]
    public async Task A_step_that_finds_no_disk_is_left_out_and_the_next_is_done(CancellationToken cancellationToken)
    {
        using var log = new RecordingLog();
        List<string> done = [];
        using var warmUp = Of(log, new WarmUpStep("one", static _ => throw new IOException("No space left on device")), Step("two", done));

        await warmUp.StartAsync(cancellationToken);
        await log.WaitForAsync(5029, cancellationToken);
        await warmUp.StopAsync(cancellationToken);

        Assert.That(done, Is.EqualTo(new[] { "two" }));
        Assert.That(log.Count(5032), Is.EqualTo(1));
    }

    [Test]
    public async Task A_torrent_that_comes_first_needs_none(CancellationToken cancellationToken)
    {
        List<string> done = [];
        using var warmUp = Of(NullLoggerFactory.Instance, Step("one", done));
        var torrent = await _session.AddAsync(new TorrentSource(InfoHash.Compute("a film"u8), null, [], []), cancellationToken);
        await Waiting.UntilAsync(() => _session.HasActive, () => $"{torrent.InfoHash} is idle", cancellationToken);

        await warmUp.StartAsync(cancellationToken);
        await warmUp.StopAsync(cancellationToken);

        Assert.That(done, Is.Empty);
    }

    [Test]
    public async Task The_end_does_not_wait_for_it(CancellationToken cancellationToken)
    {
        using var warmUp = Of(
            NullLoggerFactory.Instance,
            new WarmUpStep("endless", static token => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token))
        );
        await warmUp.StartAsync(cancellationToken);

        await warmUp.StopAsync(cancellationToken);
    }

    private static WarmUpStep Step(string name, List<string> done)
    {
        return new WarmUpStep(
            name,
            _ =>
            {
                done.Add(name);
                return Task.CompletedTask;
            }
        );
    }

    private WarmUp Of(ILoggerFactory log, params WarmUpStep[] steps)
    {
        return new WarmUp(steps, _session, new Logger<WarmUp>(log));
    }
}
