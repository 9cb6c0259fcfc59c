using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Distribyted.Testing;

/// <summary>Keeps what was logged, of every level, for tests of what only the log says. A test can wait for an event.</summary>
/// <param name="output">Where each line is written as well, such as the output of the test, which is shown when it fails; null: nowhere.</param>
/// <param name="name">Begins each line there.</param>
internal sealed class RecordingLog(TextWriter? output = null, string name = "") : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(EventId Id, string Text)> _lines = new();
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Count(int id)
    {
        return _lines.Count(line => line.Id.Id == id);
    }

    /// <summary>Number of the event, text, exception.</summary>
    public IEnumerable<string> Lines => _lines.Select(static line => $"{line.Id.Id} {line.Text}");

    public string All => string.Join('\n', Lines);

    public async Task WaitForAsync(int id, CancellationToken cancellationToken)
    {
        while (true)
        {
            var more = Volatile.Read(ref _more).Task;
            if (Count(id) > 0)
            {
                return;
            }

            await Waiting.ExplainAsync(more.WaitAsync(cancellationToken), $"log event {id}", () => All, cancellationToken);
        }
    }

    public ILogger CreateLogger(string categoryName)
    {
        return this;
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
        var text = $"{formatter(state, exception)} {exception}";
        _lines.Enqueue((eventId, text));
        output?.WriteLine($"{name} {eventId.Id} {text}");
        Interlocked.Exchange(ref _more, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    public void AddProvider(ILoggerProvider provider)
    {
        throw new NotSupportedException();
    }

    public void Dispose() { }
}
