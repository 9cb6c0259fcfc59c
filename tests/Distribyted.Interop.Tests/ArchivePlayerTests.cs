using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Distribyted.Archives.Tests.Workshop;
using Distribyted.Interop.Tests.Support;

namespace Distribyted.Interop.Tests;

/// <summary>Players read films out of stored zip, RAR and 7z, over both listeners from a swarm, and the archives beside stay what they are.</summary>
internal sealed class ArchivePlayerTests
{
    private const int Seconds = 20;

    private static readonly string[] Folders = ["film.zip!", "film.7z!", "film.part01.rar!", "old.rar!"];

    private TempFolder _folder = null!;
    private Tracker _tracker = null!;
    private RunningProgram _seeder = null!;
    private Daemon _daemon = null!;
    private Content _set = null!;
    private byte[] _film = null!;

    [OneTimeSetUp]
    public async Task Archives_in_a_swarm()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(3), TimeProvider.System);
        var cancellationToken = deadline.Token;
        Programs.Need("ffmpeg", "7zz", "transmission-create");
        Tracker.Need();
        Programs.NeedLibtorrent();
        _folder = new TempFolder();
        _tracker = new Tracker();
        var root = _folder.Make(Path.Combine("content", "Set"));
        var film = await MakeFilmAsync(Path.Combine(root, "film.mkv"), cancellationToken);
        _film = await File.ReadAllBytesAsync(film, cancellationToken);
        using (var zip = ZipFile.Open(Path.Combine(root, "film.zip"), ZipArchiveMode.Create))
        {
            zip.CreateEntryFromFile(film, "film.mkv", CompressionLevel.NoCompression);
        }

        await RunningProgram.RunAsync("7zz", ["a", "-mx=0", Path.Combine(root, "film.7z"), film], cancellationToken);
        var options = new RarOptions { VolumeLength = (_film.Length / 9) + 500 };
        foreach (
            var volume in (TestVolume[])
                [
                    .. RarWriter.Write("film", options, new RarItem("film.mkv", _film)),
                    .. RarWriter.Write("old", options with { Version = 4, IsOldNaming = true }, new RarItem("film.mkv", _film)),
                ]
        )
        {
            await File.WriteAllBytesAsync(Path.Combine(root, volume.Name), volume.ToArray(), cancellationToken);
        }

        _set = await Content.OfAsync(_folder, root, 256, _tracker.Http, cancellationToken);
        await _tracker.StartAsync(_set, cancellationToken);
        _seeder = await Peers.LibtorrentAsync(_set.Torrent, _set.Folder, cancellationToken);
        await _tracker.KnowsASeederAsync(_set, cancellationToken);
        _daemon = await Daemon.StartAsync(_folder, cancellationToken);
        await _daemon.AddAsync("films", _set.Magnet, cancellationToken);
    }

    [OneTimeTearDown]
    public async Task Everything_ends()
    {
        if (_daemon is not null)
        {
            await _daemon.DisposeAsync();
        }

        if (_seeder is not null)
        {
            await _seeder.DisposeAsync();
        }

        if (_tracker is not null)
        {
            await _tracker.DisposeAsync();
        }

        _folder?.Dispose();
    }

    [Test, CancelAfter(120_000)]
    public async Task Ffprobe_reads_length_and_streams(
        [ValueSource(nameof(Folders))] string folder,
        [Values("dav", "fs")] string listener,
        CancellationToken cancellationToken
    )
    {
        Programs.Need("ffprobe");

        var shown = await RunningProgram.RunAsync(
            "ffprobe",
            ["-v", "error", "-show_format", "-show_streams", "-of", "json", Root(listener) + $"{folder}/film.mkv"],
            cancellationToken
        );

        var root = JsonDocument.Parse(shown).RootElement;
        Assert.That(root.GetProperty("streams").GetArrayLength(), Is.EqualTo(2));
        var duration = double.Parse(root.GetProperty("format").GetProperty("duration").GetString()!, CultureInfo.InvariantCulture);
        Assert.That(duration, Is.EqualTo(Seconds).Within(0.5));
    }

    [Test, CancelAfter(120_000)]
    public async Task Mpv_seeks_and_plays(
        [ValueSource(nameof(Folders))] string folder,
        [Values("dav", "fs")] string listener,
        CancellationToken cancellationToken
    )
    {
        Programs.Need("mpv");
        string[] arguments =
        [
            "--no-config",
            "--vo=null",
            "--ao=null",
            "--untimed",
            "--start=12",
            "--frames=50",
            "--msg-level=all=warn,statusline=status",
        ];

        var shown = await RunningProgram.RunAsync(
            "mpv",
            [.. arguments, "--term-status-msg=at ${=time-pos}", Root(listener) + $"{folder}/film.mkv"],
            cancellationToken
        );

        Assert.That(shown, Does.Contain("at 1").And.Not.Contain("Failed"), shown);
    }

    [Test, CancelAfter(120_000)]
    public async Task Rclone_copies_films_and_the_archives_beside_them(
        [Values("dav", "fs")] string listener,
        CancellationToken cancellationToken
    )
    {
        Programs.Need("rclone");
        var secret = (await RunningProgram.RunAsync("rclone", ["obscure", _daemon.Secret], cancellationToken)).Trim();
        string[] remote =
            listener == "dav"
                ? ["--webdav-url", _daemon.DavRoot.ToString(), "--webdav-user", _daemon.User, "--webdav-pass", secret]
                : ["--http-url", $"http://{_daemon.User}:{_daemon.Secret}@127.0.0.1:{_daemon.WebPort}/fs/"];
        var from = listener == "dav" ? ":webdav:films/Set/" : ":http:films/Set/";
        var copy = _folder.Make("copy-" + listener);
        foreach (var folder in Folders)
        {
            await CopyAsync($"{folder}/film.mkv", folder);
            await SameAsync(Path.Combine(copy, folder), _film);
        }

        foreach (var file in Directory.GetFiles(_set.Root))
        {
            var name = Path.GetFileName(file);
            await CopyAsync(name, name);
            await SameAsync(Path.Combine(copy, name), await File.ReadAllBytesAsync(file, cancellationToken));
        }

        async Task SameAsync(string path, byte[] bytes)
        {
            var copied = await File.ReadAllBytesAsync(path, cancellationToken);
            Assert.That(copied.AsSpan().SequenceEqual(bytes), path);
        }

        Task<string> CopyAsync(string path, string to)
        {
            return RunningProgram.RunAsync(
                "rclone",
                ["copyto", from + path, Path.Combine(copy, to), "--config", "/dev/null", .. remote],
                cancellationToken
            );
        }
    }

    private static async Task<string> MakeFilmAsync(string path, CancellationToken cancellationToken)
    {
        string[] picture = ["-f", "lavfi", "-i", $"testsrc2=size=320x180:rate=25:duration={Seconds}"];
        string[] sound = ["-f", "lavfi", "-i", $"sine=frequency=440:duration={Seconds}"];
        await RunningProgram.RunAsync(
            "ffmpeg",
            ["-v", "error", .. picture, .. sound, "-c:v", "mpeg4", "-b:v", "1M", "-g", "25", "-c:a", "ac3", path],
            cancellationToken
        );
        return path;
    }

    private string Root(string listener)
    {
        return listener == "dav"
            ? $"{_daemon.SignedDavRoot}films/Set/"
            : $"http://{_daemon.User}:{_daemon.Secret}@127.0.0.1:{_daemon.WebPort}/fs/films/Set/";
    }
}
