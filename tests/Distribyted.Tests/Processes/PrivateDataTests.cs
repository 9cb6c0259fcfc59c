using System.Runtime.Versioning;

namespace Distribyted.Tests.Processes;

/// <summary>Other users of the machine read neither what the daemon writes nor what an earlier version left readable.</summary>
[Platform("Linux", Reason = "Modes of files."), UnsupportedOSPlatform("windows"), CancelAfter(180_000)]
internal sealed class PrivateDataTests
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite
        | UnixFileMode.OtherExecute;

    private const UnixFileMode Open = // 0755
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherExecute;

    private string _folder = "";

    [SetUp]
    public void MakeFolder()
    {
        _folder = Directory.CreateTempSubdirectory("distribyted-modes-").FullName;
    }

    [TearDown]
    public void RemoveFolder()
    {
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task A_data_folder_that_others_may_enter_shows_them_nothing(CancellationToken cancellationToken)
    {
        var metadata = Directory.CreateDirectory(Path.Combine(_folder, "metadata"));
        metadata.UnixFileMode = Open;
        metadata.CreateSubdirectory("metainfo").UnixFileMode = Open;
        var backup = new FileInfo(Path.Combine(metadata.FullName, "catalog.backup"));
        await File.WriteAllTextAsync(backup.FullName, "of an earlier version", cancellationToken);
        backup.UnixFileMode = Open;
        var foreign = new FileInfo(Path.Combine(metadata.FullName, "foreign"));
        await File.WriteAllTextAsync(foreign.FullName, "not ours", cancellationToken);
        foreign.UnixFileMode = Open;

        await using (var daemon = await StartAsync(cancellationToken))
        {
            await daemon.StopAsync(cancellationToken);
            Assert.That(daemon.Output, Does.Not.Contain("other users"));
        }

        Assert.That(Readable(metadata), Is.EqualTo([foreign.FullName]));
        Assert.That(File.Exists(Path.Combine(metadata.FullName, "catalog.db")));
        Assert.That(foreign.UnixFileMode, Is.EqualTo(Open), "what is not ours keeps its rights");
    }

    [Test]
    public async Task Folders_and_logs_that_it_makes_are_its_own(CancellationToken cancellationToken)
    {
        await using (var daemon = await StartAsync(cancellationToken))
        {
            await daemon.StopAsync(cancellationToken);
        }

        Assert.That(new DirectoryInfo(Path.Combine(_folder, "metadata")).UnixFileMode & Others, Is.EqualTo(UnixFileMode.None));
        Assert.That(new DirectoryInfo(Path.Combine(_folder, "logs")).UnixFileMode & Others, Is.EqualTo(UnixFileMode.None));
        Assert.That(new FileInfo(Path.Combine(_folder, "logs", "distribyted.log")).UnixFileMode & Others, Is.EqualTo(UnixFileMode.None));
    }

    [Test]
    public async Task A_data_folder_that_others_may_write_to_is_told(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "metadata")).UnixFileMode = Open | UnixFileMode.OtherWrite;

        await using var daemon = await StartAsync(cancellationToken);
        await daemon.StopAsync(cancellationToken);

        Assert.That(daemon.Output, Does.Contain("torrent.metadata_folder: other users of this machine can write to"));
    }

    private Task<DaemonProcess> StartAsync(CancellationToken cancellationToken)
    {
        return DaemonProcess.StartAsync(_folder, "", cancellationToken, flags: ["--log-path", Path.Combine(_folder, "logs")]);
    }

    // What another user finds who starts in this folder.
    private static IEnumerable<string> Readable(DirectoryInfo folder)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos().Where(e => (e.UnixFileMode & Others) != UnixFileMode.None))
        {
            yield return entry.FullName;
            foreach (var inner in entry is DirectoryInfo inside ? Readable(inside) : [])
            {
                yield return inner;
            }
        }
    }
}
