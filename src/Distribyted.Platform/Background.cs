using Microsoft.Extensions.Logging;

namespace Distribyted.Platform;

/// <summary>Starts work that is not awaited: callbacks of the thread pool and of timers, and tasks that are not kept.</summary>
/// <remarks>
/// An exception out of a pool callback or a timer ends the process, and one in a task that is not awaited is never seen. Here every exception has one
/// fate: it is logged as an error with the name of the part, and the next piece of work is done as if nothing had been. Cancellation is no error.
/// A test finds raw calls.
/// </remarks>
public static partial class Background
{
    [LoggerMessage(1095, LogLevel.Error, "The {Part} met an unexpected error and goes on with its next work; please report this.")]
    private static partial void BackgroundFailed(this ILogger logger, string part, Exception exception);

    /// <summary>Does one piece of work now. Never throws.</summary>
    /// <param name="part">Whose work it is, for the log.</param>
    /// <returns>False: it threw, and was logged.</returns>
    public static bool Try(string part, ILogger logger, Action work)
    {
        try
        {
            work();
            return true;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
        catch (Exception e)
        {
            logger.BackgroundFailed(part, e);
            return false;
        }
    }

    /// <summary>Does one piece of work on the thread pool.</summary>
    public static void Queue(string part, ILogger logger, Action work)
    {
        ThreadPool.UnsafeQueueUserWorkItem(static w => Try(w.part, w.logger, w.work), (part, logger, work), preferLocal: false);
    }

    /// <summary>Makes a timer that is off until it is changed.</summary>
    public static ITimer CreateTimer(TimeProvider time, string part, ILogger logger, Action work)
    {
        return time.CreateTimer(_ => Try(part, logger, work), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Runs a loop or a task on the thread pool.</summary>
    /// <returns>Ends with it, and never fails.</returns>
    public static Task Run(string part, ILogger logger, Func<Task> work)
    {
        return WatchAsync(part, logger, Task.Run(work));
    }

    /// <summary>Lets a task run that is not awaited.</summary>
    public static void Forget(string part, ILogger logger, Task work)
    {
        _ = WatchAsync(part, logger, work);
    }

    private static async Task WatchAsync(string part, ILogger logger, Task work)
    {
        try
        {
            await work;
        }
        catch (OperationCanceledException)
        {
            // Its end.
        }
        catch (Exception e)
        {
            logger.BackgroundFailed(part, e);
        }
    }
}
