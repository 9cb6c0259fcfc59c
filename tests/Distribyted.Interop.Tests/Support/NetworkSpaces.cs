namespace Distribyted.Interop.Tests.Support;

/// <summary>Network namespaces of one test, the links between them, and the programs that run in them. No packet leaves them.</summary>
internal sealed class NetworkSpaces(TempFolder folder) : IAsyncDisposable
{
    private static int s_count;

    private readonly string _prefix = $"distribyted-{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}-";
    private readonly List<string> _spaces = [];

    /// <summary>Namespaces take root, and not every container has the right to make them.</summary>
    public static async Task NeedAsync(CancellationToken cancellationToken)
    {
        Programs.Need("ip", "nft");
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Ignore("network namespaces need root.");
        }

        var probe = $"distribyted-{Environment.ProcessId}-probe";
        await using var add = RunningProgram.Start("ip", ["netns", "add", probe]);
        await add.WaitForExitAsync(cancellationToken);
        if (add.ExitCode != 0)
        {
            Assert.Ignore($"network namespaces cannot be made here: {add.Output.Trim()}");
        }

        await RunningProgram.RunAsync("ip", ["netns", "del", probe], cancellationToken);
    }

    /// <summary>Makes namespaces that have only a loopback interface.</summary>
    public async Task AddAsync(CancellationToken cancellationToken, params IReadOnlyList<string> spaces)
    {
        foreach (var space in spaces)
        {
            await IpAsync(cancellationToken, "netns", "add", _prefix + space);
            _spaces.Add(space);
            await IpAsync(cancellationToken, "-n", _prefix + space, "link", "set", "lo", "up");
        }
    }

    /// <summary>Joins two namespaces by a cable.</summary>
    public async Task LinkAsync(
        (string Space, string Link, string Address) one,
        (string Space, string Link, string Address) other,
        CancellationToken cancellationToken
    )
    {
        await IpAsync(
            cancellationToken,
            [
                "link",
                "add",
                one.Link,
                "netns",
                _prefix + one.Space,
                "type",
                "veth",
                "peer",
                "name",
                other.Link,
                "netns",
                _prefix + other.Space,
            ]
        );
        foreach (var (space, link, address) in ((string, string, string)[])[one, other])
        {
            await IpAsync(cancellationToken, "-n", _prefix + space, "addr", "add", address + "/24", "dev", link);
            await IpAsync(cancellationToken, "-n", _prefix + space, "link", "set", link, "up");
        }
    }

    /// <summary>Runs <c>ip</c> for a namespace.</summary>
    public Task IpInAsync(string space, CancellationToken cancellationToken, params IReadOnlyList<string> arguments)
    {
        return IpAsync(cancellationToken, ["-n", _prefix + space, .. arguments]);
    }

    /// <summary>Sets a file of <c>/proc/sys/net</c> to 1.</summary>
    public Task EnableAsync(string space, string setting, CancellationToken cancellationToken)
    {
        return RunAsync(space, "sh", cancellationToken, "-c", $"echo 1 > /proc/sys/net/{setting}");
    }

    /// <summary>Loads rules of the firewall.</summary>
    public async Task LoadRulesAsync(string space, string rules, CancellationToken cancellationToken)
    {
        var file = folder.At(space + ".nft");
        await File.WriteAllTextAsync(file, rules, cancellationToken);
        await RunAsync(space, "nft", cancellationToken, "-f", file);
    }

    /// <summary>Starts a program.</summary>
    public RunningProgram Start(string space, string program, params IReadOnlyList<string> arguments)
    {
        return RunningProgram.Start("ip", ["netns", "exec", _prefix + space, program, .. arguments], folder: folder.Path);
    }

    /// <summary>Runs a program to its end and returns what it printed; fails the test unless it exits with 0.</summary>
    public Task<string> RunAsync(string space, string program, CancellationToken cancellationToken, params IReadOnlyList<string> arguments)
    {
        return RunningProgram.RunAsync("ip", ["netns", "exec", _prefix + space, program, .. arguments], cancellationToken);
    }

    /// <summary>Runs a program to its end; null: it failed.</summary>
    public async Task<string?> TryRunAsync(
        string space,
        string program,
        CancellationToken cancellationToken,
        params IReadOnlyList<string> arguments
    )
    {
        await using var running = Start(space, program, arguments);
        await running.WaitForExitAsync(cancellationToken);
        return running.ExitCode == 0 ? running.Output : null;
    }

    /// <summary>Removes them. The programs must have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var space in _spaces)
        {
            await using var delete = RunningProgram.Start("ip", ["netns", "del", _prefix + space]);
            await delete.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static Task<string> IpAsync(CancellationToken cancellationToken, params IReadOnlyList<string> arguments)
    {
        return RunningProgram.RunAsync("ip", arguments, cancellationToken);
    }
}
