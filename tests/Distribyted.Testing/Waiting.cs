using System.Runtime.CompilerServices;
using NUnit.Framework;

namespace Distribyted.Testing;

/// <summary>Waits of tests which say, when the time of the test is up, what they waited for and what they saw instead.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Waits for a state that nothing tells of, by looking every 10 ms.</summary>
    /// <param name="condition">Whether it has come.</param>
    /// <param name="seen">Describes the state, for a failure.</param>
    /// <param name="cancellationToken">The time of the test.</param>
    /// <param name="what">Describes the condition, for a failure.</param>
    public static async Task UntilAsync(
        Func<bool> condition,
        Func<string> seen,
        CancellationToken cancellationToken,
        [CallerArgumentExpression(nameof(condition))] string what = ""
    )
    {
        using var tick = new PeriodicTimer(Pause);
        while (!condition())
        {
            await ExplainAsync(tick.WaitForNextTickAsync(cancellationToken).AsTask(), what, seen, cancellationToken);
        }
    }

    /// <summary>Awaits; when the token ends that, the exception says what was waited for and what was seen.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task ExplainAsync(Task wait, string what, Func<string> seen, CancellationToken cancellationToken)
    {
        try
        {
            await wait;
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            var message = $"Waited in vain for: {what}\nInstead: {seen()}";
            await TestContext.Out.WriteLineAsync(message); // NUnit shows only the time of the test when that is over
            throw new OperationCanceledException(message, e, cancellationToken);
        }
    }
}
