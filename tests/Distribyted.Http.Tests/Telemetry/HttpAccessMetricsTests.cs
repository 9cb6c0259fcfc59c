using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Distribyted.FileSystem;
using Distribyted.Http.Tests.Wire;
using Microsoft.Extensions.DependencyInjection;

namespace Distribyted.Http.Tests.Telemetry;

[TestFixture]
public sealed class HttpAccessMetricsTests
{
    [Test, CancelAfter(60_000)]
    public async Task Bytes_and_ends_of_files_are_counted(CancellationToken cancellationToken)
    {
        var files = new GatedFs(1000);
        await using var host = await ListenerHost.StartAsync(files);
        var factory = host.Services.GetRequiredService<IMeterFactory>();
        var sums = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "Distribyted.Http" && ReferenceEquals(instrument.Meter.Scope, factory))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>(
            (instrument, value, tags, _) =>
            {
                var key = instrument.Name;
                foreach (var tag in tags)
                {
                    key += " " + tag.Value;
                }

                sums.AddOrUpdate(key, value, (_, sum) => sum + value);
                if (key.EndsWith("failed", StringComparison.Ordinal))
                {
                    ended.TrySetResult();
                }
            }
        );
        listener.Start();

        files.Give(1000);
        await host.AskAsync("GET /film.mkv HTTP/1.1", cancellationToken);
        files.Give(10);
        files.Fail(FileSystemFailure.Unavailable);
        await using var client = await host.ConnectAsync(cancellationToken);
        await client.SendAsync("GET /film.mkv HTTP/1.1", cancellationToken);
        await ended.Task.WaitAsync(cancellationToken);

        Assert.That(sums["distribyted.http.files.sent webdav"], Is.EqualTo(1010));
        Assert.That(sums["distribyted.http.files webdav complete"], Is.EqualTo(1));
        Assert.That(sums["distribyted.http.files webdav failed"], Is.EqualTo(1));
        Assert.That(sums["distribyted.http.files.active"], Is.Zero);
    }
}
