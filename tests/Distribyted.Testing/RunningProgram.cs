using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Distribyted.Testing;

/// <summary>A process of the test's own: its output is kept, and it is ended by its id when the test is over.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _moreOutput = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunningProgram(Process process)
    {
        _process = process;
    }

    public int Id => _process.Id;

    public int ExitCode => _process.ExitCode;

    public bool HasExited => _process.HasExited;

    public string Output
    {
        get
        {
            lock (_gate)
            {
                return _output.ToString();
            }
        }
    }

    public static RunningProgram Start(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        string? folder = null
    )
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = folder ?? "",
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        var running = new RunningProgram(process);
        process.OutputDataReceived += (_, line) => running.Keep(line.Data);
        process.ErrorDataReceived += (_, line) => running.Keep(line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return running;
    }

    /// <summary>Runs a program to its end and returns what it printed; fails the test unless it exits with 0.</summary>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        await using var running = Start(program, arguments);
        await running.WaitForExitAsync(cancellationToken);
        Assert.That(running.ExitCode, Is.Zero, $"{program} failed:\n{running.Output}");
        return running.Output;
    }

    public async Task WaitForExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Waits until the program has printed this.</summary>
    public Task WaitForOutputAsync(string text, CancellationToken cancellationToken)
    {
        return WaitForOutputAsync(new Regex(Regex.Escape(text), RegexOptions.None, TimeSpan.FromSeconds(1)), cancellationToken);
    }

    /// <summary>Waits until the program has printed something like this.</summary>
    public async Task<Match> WaitForOutputAsync(Regex pattern, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task more;
            lock (_gate)
            {
                if (pattern.Match(_output.ToString()) is { Success: true } match)
                {
                    return match;
                }

                more = _moreOutput.Task;
            }

            if (_process.HasExited)
            {
                Assert.Fail($"The program ended ({_process.ExitCode}) before it wrote \"{pattern}\":\n{Output}");
            }

            try
            {
                await Task.WhenAny(more, _process.WaitForExitAsync(cancellationToken)).WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"The program did not say \"{pattern}\" in time:\n{Output}");
            }
        }
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process.Kill(entireProcessTree: true);
    }

    /// <summary>SIGTERM; how long it took to end.</summary>
    public async Task<TimeSpan> StopAsync(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        using var kill = Process.Start("/bin/kill", ["-TERM", Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync(cancellationToken);
        return watch.Elapsed;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        TaskCompletionSource waiting;
        lock (_gate)
        {
            _output.AppendLine(line);
            waiting = _moreOutput;
            _moreOutput = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        waiting.TrySetResult();
    }
}
