using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Tests.Storage;

/// <summary>A log that a test can wait for.</summary>
internal sealed class AwaitedLog : ILogger
{
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _seen = new();

    public Task WaitForAsync(int id, CancellationToken cancellationToken)
    {
        return Of(id).Task.WaitAsync(cancellationToken);
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        return null;
    }

    public bool IsEnabled(LogLevel logLevel)
    {
        return true;
    }

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        Of(eventId.Id).TrySetResult();
    }

    private TaskCompletionSource Of(int id)
    {
        return _seen.GetOrAdd(id, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
