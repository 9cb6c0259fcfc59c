using Distribyted.Routes.Sharing;
using Distribyted.Testing;

namespace Distribyted.Routes.Tests.Sharing;

/// <summary>Shared folders in which not everything can be offered: the rest is.</summary>
internal sealed class AwkwardFilesTests
{
    private TempFolder _folder = null!;
    private TestLibrary _library = null!;
    private RecordingLog _log = null!;

    [SetUp]
    public async Task Begin()
    {
        _folder = new TempFolder();
        _library = await TestLibrary.StartAsync();
        _log = new RecordingLog();
    }

    [TearDown]
    public async Task End()
    {
        await _library.DisposeAsync();
        _folder.Dispose();
        _log.Dispose();
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_slash_at_the_end_of_the_path_gives_the_same_torrent(CancellationToken cancellationToken)
    {
        _folder.Write("share/a.bin", new byte[40_000]);

        var plain = await OfferAsync(_folder.At("share"), cancellationToken);
        var slash = await OfferAsync(_folder.At("share") + "/", cancellationToken);

        Assert.That(slash.InfoHash, Is.EqualTo(plain.InfoHash));
        Assert.That((await InfoAsync(slash)).Name, Is.EqualTo("share"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Names_that_a_torrent_cannot_hold_are_left_out(CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("Windows has no such names.");
        }

        _folder.Write("share/a.bin", new byte[40_000]);
        _folder.Write("share/be\tll\n.bin", new byte[10]);
        _folder.Write("share/.pad/10", new byte[10]);
        await ShellAsync($"cd '{_folder.At("share")}' && echo x > \"$(printf 'caf\\351')\"", cancellationToken);

        var view = await OfferAsync(_folder.At("share"), cancellationToken);

        Assert.That((await InfoAsync(view)).Files.Select(f => string.Join('/', f.Path)), Is.EqualTo(new[] { "a.bin" }));
        Assert.That(_log.Count(2046), Is.EqualTo(3));
        await ShellAsync($"rm -r '{_folder.At("share")}'", cancellationToken); // .NET cannot
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task What_may_not_be_read_is_left_out(CancellationToken cancellationToken)
    {
        if (Environment.IsPrivilegedProcess || OperatingSystem.IsWindows())
        {
            Assert.Ignore("Root may read everything.");
            return;
        }

        _folder.Write("share/a.bin", new byte[40_000]);
        _folder.Write("share/sub/b.bin", new byte[10]);
        File.SetUnixFileMode(_folder.Write("share/closed.bin", new byte[10]), UnixFileMode.None);
        File.SetUnixFileMode(_folder.At("share/sub"), UnixFileMode.None);
        try
        {
            var view = await OfferAsync(_folder.At("share"), cancellationToken);

            Assert.That((await InfoAsync(view)).Files.Select(f => string.Join('/', f.Path)), Is.EqualTo(new[] { "a.bin" }));
            Assert.That(_log.Count(2046), Is.EqualTo(2));
        }
        finally
        {
            File.SetUnixFileMode(_folder.At("share/sub"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_file_that_is_written_all_the_time_holds_up_no_other(CancellationToken cancellationToken)
    {
        _folder.Write("share/a.bin", new byte[40_000]);
        var log = _folder.Write("share/program.log", [1]);
        var writing = true;
        var writer = Task.Run(
            async () =>
            {
                while (Volatile.Read(ref writing))
                {
                    await File.AppendAllTextAsync(log, "x", cancellationToken);
                    await Task.Yield();
                }
            },
            cancellationToken
        );
        try
        {
            var view = await OfferAsync(_folder.At("share"), cancellationToken);

            Assert.That((await InfoAsync(view)).Files.Select(f => string.Join('/', f.Path)), Is.EqualTo(new[] { "a.bin" }));
        }
        finally
        {
            Volatile.Write(ref writing, false);
            await writer;
        }
    }

    private async Task<SharedFolderView> OfferAsync(string path, CancellationToken cancellationToken)
    {
        var server = new ConfiguredServer("s", path, [], null, TimeSpan.FromMilliseconds(50), 16 * 1024, false, "yaml:9");
        var options = new RouteOptions { MetadataFolder = _folder.At("metadata"), Servers = [server] };
        using var shared = new SharedFolders(
            options.Servers,
            options.MetadataFolder,
            _library.Manager.Store,
            _library.Session,
            TimeProvider.System,
            _log
        );
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = shared.RunAsync(end.Token);
        await Eventually.TrueAsync(() => shared.Current[0].State == SharedFolderState.Seeding, cancellationToken);
        await end.CancelAsync();
        await running;
        return shared.Current[0];
    }

    private static async Task ShellAsync(string line, CancellationToken cancellationToken)
    {
        await using var shell = RunningProgram.Start("/bin/sh", ["-c", line]);
        await shell.WaitForExitAsync(cancellationToken);
        Assert.That(shell.ExitCode, Is.Zero, shell.Output);
    }

    private async Task<BitTorrent.Protocol.Metainfo.TorrentInfo> InfoAsync(SharedFolderView view)
    {
        return await _library.Session.Find(view.InfoHash!.Value)!.GetInfoAsync(CancellationToken.None);
    }
}
