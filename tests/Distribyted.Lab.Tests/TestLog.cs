using Microsoft.Extensions.Logging;

namespace Distribyted.Lab.Tests;

/// <summary>Writes every line to the test's output, which is shown when it fails.</summary>
internal sealed class TestLog(string who) : ILoggerFactory, ILogger
{
    private readonly TextWriter _output = TestContext.Out;

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
        _output.WriteLine($"{who} {eventId.Id} {formatter(state, exception)} {exception}");
    }

    public void AddProvider(ILoggerProvider provider)
    {
        throw new NotSupportedException();
    }

    public void Dispose() { }
}
