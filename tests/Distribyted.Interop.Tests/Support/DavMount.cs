namespace Distribyted.Interop.Tests.Support;

/// <summary>The daemon's tree, mounted by davfs2 through the kernel.</summary>
internal sealed class DavMount : IAsyncDisposable
{
    private DavMount(string path)
    {
        Path = path;
    }

    public string Path { get; }

    public static async Task<DavMount> MountAsync(Daemon daemon, TempFolder folder, CancellationToken cancellationToken)
    {
        var path = folder.Make("mount");
        var cache = folder.Make("davfs-cache");
        Open(folder.Path, "755"); // it reads and caches as a user of its own
        Open(cache, "777");
        var secrets = folder.At("davfs-secrets");
        await File.WriteAllTextAsync(secrets, $"{daemon.DavRoot} {daemon.User} {daemon.Secret}\n", cancellationToken);
        Open(secrets, "600");
        var config = folder.At("davfs-config");
        await File.WriteAllTextAsync(
            config,
            $"""
            ask_auth 0
            cache_dir {cache}
            secrets {secrets}
            delay_upload 0
            dir_refresh 1
            file_refresh 1
            buf_size 256

            """,
            cancellationToken
        );
        await RunningProgram.RunAsync("mount.davfs", [daemon.DavRoot.ToString(), path, "-o", $"conf={config},uid=0"], cancellationToken);
        return new DavMount(path);
    }

    /// <summary>Waits until the kernel's view has, or has not, this path: davfs2 looks at the server again after a second.</summary>
    public Task SeesAsync(string path, bool isThere, CancellationToken cancellationToken)
    {
        return Daemon.WaitForAsync(
            () => Task.FromResult(System.IO.Path.Exists(System.IO.Path.Combine(Path, path)) == isThere),
            $"{path} is {(isThere ? "there" : "gone")}",
            cancellationToken
        );
    }

    public async ValueTask DisposeAsync()
    {
        await using var unmount = RunningProgram.Start("umount", [Path]);
        await unmount.WaitForExitAsync(CancellationToken.None);
        if (unmount.ExitCode != 0)
        {
            await using var lazily = RunningProgram.Start("umount", ["-l", Path]);
            await lazily.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static void Open(string path, string mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(mode, 8));
        }
    }
}
