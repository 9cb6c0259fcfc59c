namespace Distribyted.Interop.Tests.Support;

/// <summary>The daemon's tree, mounted by rclone through the kernel.</summary>
internal sealed class RcloneMount : IAsyncDisposable
{
    private readonly RunningProgram _process;

    private RcloneMount(RunningProgram process, string path)
    {
        _process = process;
        Path = path;
    }

    public string Path { get; }

    public static async Task<RcloneMount> MountAsync(Daemon daemon, TempFolder folder, CancellationToken cancellationToken)
    {
        var path = folder.Make("mount");
        var secret = (await RunningProgram.RunAsync("rclone", ["obscure", daemon.Secret], cancellationToken)).Trim();
        string[] arguments =
        [
            "mount",
            ":webdav:",
            path,
            "--config",
            "/dev/null",
            "--cache-dir",
            folder.Make("rclone-cache"),
            "--dir-cache-time",
            "1s",
            "--webdav-url",
            daemon.DavRoot.ToString(),
            "--webdav-user",
            daemon.User,
            "--webdav-pass",
            secret,
        ];
        var mount = new RcloneMount(RunningProgram.Start("rclone", arguments), path);
        await Daemon.WaitForAsync(
            async () => (await File.ReadAllTextAsync("/proc/mounts", cancellationToken)).Contains(path, StringComparison.Ordinal),
            "rclone has mounted",
            cancellationToken
        );
        return mount;
    }

    public async ValueTask DisposeAsync()
    {
        await using var unmount = RunningProgram.Start("umount", ["-l", Path]);
        await unmount.WaitForExitAsync(CancellationToken.None);
        await _process.DisposeAsync();
    }
}
