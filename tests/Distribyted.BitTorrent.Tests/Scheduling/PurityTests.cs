using System.Reflection;
using Distribyted.BitTorrent.Scheduling;

namespace Distribyted.BitTorrent.Tests.Scheduling;

internal sealed class PurityTests
{
    private static readonly string[] Allowed =
    [
        "System.Numerics",
        "Distribyted.BitTorrent.Protocol",
        "Distribyted.BitTorrent.Protocol.Wire",
    ];

    [Test]
    public void The_scheduler_knows_no_clock_no_task_and_no_other_folder()
    {
        var folder = Path.Combine(Root(), "src/Distribyted.BitTorrent/Scheduling");
        var lines = Directory.EnumerateFiles(folder, "*.cs").SelectMany(File.ReadLines).ToList();

        var usings = lines.Where(line => line.StartsWith("using ", StringComparison.Ordinal)).Select(line => line[6..].TrimEnd(';'));

        Assert.That(usings.Distinct().Except(Allowed), Is.Empty);
        Assert.That(
            lines.Where(line => line.Contains("Task", StringComparison.Ordinal) || line.Contains("TimeProvider", StringComparison.Ordinal)),
            Is.Empty
        );
        Assert.That(
            typeof(PieceScheduler)
                .GetFields(BindingFlags.Static | BindingFlags.NonPublic)
                .All(field => field.IsLiteral || field.IsInitOnly || field.IsPrivate),
            Is.True
        );
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Distribyted.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("The sources are not above the test's folder.");
    }
}
