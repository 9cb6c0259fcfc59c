using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Tests.Discovery;

/// <summary>Keeps every line of every level, exceptions included.</summary>
internal sealed class LogLines : ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

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
        _lines.Enqueue($"{eventId.Id} {formatter(state, exception)} {exception}");
    }
}
