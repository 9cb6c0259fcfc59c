using System.Runtime.InteropServices;
using Distribyted.Configuration;
using Distribyted.Hosting;

namespace Distribyted.Commands;

/// <summary><c>run</c>, the default: the daemon, until it is told to end.</summary>
internal static class RunCommand
{
    public static async Task<int> RunAsync(string? config, IReadOnlyList<string> flags, CancellationToken cancellationToken)
    {
        var configured = ConfigurationReader.Read(config, flags, Environment.GetEnvironmentVariables(), mayWrite: true);
        if (configured.Report.HasMistakes)
        {
            await Console.Error.WriteAsync(configured.Report.ToString());
            return ConfigurationReport.ExitCode;
        }

        // Disk reads and hashing use pool threads in bursts; growing the pool one thread a second would show as a stall at the start of a film.
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(Math.Max(workers, 16), ports);
        Daemon? running = null;
        using var hangUp = OnHangUp(() => Volatile.Read(ref running)?.ReopenLog());
        try
        {
            await using var daemon = Daemon.Build(configured);
            Volatile.Write(ref running, daemon);
            await daemon.StartAsync(cancellationToken);
            await daemon.WaitForEndAsync(cancellationToken);
            return 0;
        }
        catch (StartupException exception)
        {
            if (configured.File.Note is { } note)
            {
                await Console.Error.WriteLineAsync("distribyted: " + note); // else the new file would go unnoticed
            }

            await Console.Error.WriteLineAsync("distribyted: " + exception.Message);
            return 1;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync("distribyted: cannot start: " + exception.Message);
            return 1;
        }
    }

    // Sent by logrotate for new log files; its default would end the process at once. On Windows it is the closed console.
    private static PosixSignalRegistration? OnHangUp(Action act)
    {
        return OperatingSystem.IsWindows()
            ? null
            : PosixSignalRegistration.Create(
                PosixSignal.SIGHUP,
                signal =>
                {
                    signal.Cancel = true;
                    act();
                }
            );
    }
}
