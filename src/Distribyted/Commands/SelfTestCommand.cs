using System.Diagnostics;
using Spectre.Console;

namespace Distribyted.Commands;

/// <summary><c>selftest</c>: proves the main job on this machine, without internet, and says how long each step took.</summary>
internal static class SelfTestCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60); // it takes about 5; a step that hangs is reported as failed

    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Limit);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var table = new Table().RoundedBorder().AddColumn("step").AddColumn("result").AddColumn(new TableColumn("time").RightAligned());
        var watch = Stopwatch.StartNew();
        var failure = await RunStepsAsync(table, either.Token);
        AnsiConsole.Write(table);
        if (failure is not null)
        {
            var message = deadline.IsCancellationRequested ? $"no end after {Limit.TotalSeconds:0} seconds" : failure.Message;
            Console.Out.WriteLine($"selftest: FAILED: {message}");
            return 1;
        }

        Console.Out.WriteLine($"selftest: passed in {watch.Elapsed.TotalSeconds:0.0} s. Every byte was compared.");
        return 0;
    }

    // Every error, of any project, is a result of this command: all of them are caught here.
    private static async Task<Exception?> RunStepsAsync(Table table, CancellationToken cancellationToken)
    {
        var step = "";
        var watch = new Stopwatch();
        try
        {
            await using var scenario = new SelfTestScenario();
            foreach (var (name, action) in scenario.Steps)
            {
                step = name;
                watch.Restart();
                var result = await action(cancellationToken);
                table.AddRow(new Text(name), new Text(result), new Text($"{watch.Elapsed.TotalMilliseconds:0} ms"));
            }

            return null;
        }
        catch (Exception exception)
        {
            table.AddRow(new Text(step), new Text("FAILED: " + exception.Message), new Text($"{watch.Elapsed.TotalMilliseconds:0} ms"));
            return exception;
        }
    }
}
