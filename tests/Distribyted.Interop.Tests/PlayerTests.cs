using System.Globalization;
using System.Text.Json;
using Distribyted.Interop.Tests.Support;

namespace Distribyted.Interop.Tests;

/// <summary>Programs that users read and play with, over WebDAV from a swarm.</summary>
internal sealed class PlayerTests
{
    private TempFolder _folder = null!;
    private Tracker _tracker = null!;
    private RunningProgram _seeder = null!;
    private Daemon _daemon = null!;
    private Content _film = null!;

    private string Url => $"{_daemon.SignedDavRoot}multimedia/film.mkv";

    [OneTimeSetUp]
    public async Task A_film_in_a_swarm()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2), TimeProvider.System);
        var cancellationToken = deadline.Token;
        Programs.Need("ffmpeg", "transmission-create");
        Tracker.Need();
        Programs.NeedLibtorrent();
        _folder = new TempFolder();
        _tracker = new Tracker();
        var film = Path.Combine(_folder.Make("content"), "film.mkv");
        await RunningProgram.RunAsync(
            "ffmpeg",
            [
                "-v",
                "error",
                "-f",
                "lavfi",
                "-i",
                "testsrc2=size=640x360:rate=25:duration=60",
                "-f",
                "lavfi",
                "-i",
                "sine=frequency=440:duration=60",
                "-c:v",
                "mpeg4",
                "-b:v",
                "3M",
                "-g",
                "50",
                "-c:a",
                "ac3",
                film,
            ],
            cancellationToken
        );
        _film = await Content.OfAsync(_folder, film, 256, _tracker.Http, cancellationToken);
        await _tracker.StartAsync(_film, cancellationToken);
        _seeder = await Peers.LibtorrentAsync(_film.Torrent, _film.Folder, cancellationToken);
        await _tracker.KnowsASeederAsync(_film, cancellationToken);
        _daemon = await Daemon.StartAsync(_folder, cancellationToken);
        await _daemon.AddAsync("multimedia", _film.Magnet, cancellationToken);
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
    public async Task Ffprobe_reads_length_and_streams(CancellationToken cancellationToken)
    {
        Programs.Need("ffprobe");

        var shown = await RunningProgram.RunAsync(
            "ffprobe",
            ["-v", "error", "-show_format", "-show_streams", "-of", "json", Url],
            cancellationToken
        );

        var root = JsonDocument.Parse(shown).RootElement;
        Assert.That(root.GetProperty("streams").GetArrayLength(), Is.EqualTo(2));
        var duration = double.Parse(root.GetProperty("format").GetProperty("duration").GetString()!, CultureInfo.InvariantCulture);
        Assert.That(duration, Is.EqualTo(60).Within(0.5));
    }

    [Test, CancelAfter(120_000)]
    public async Task Mpv_seeks_and_plays(CancellationToken cancellationToken)
    {
        Programs.Need("mpv");

        var shown = await RunningProgram.RunAsync(
            "mpv",
            [
                "--no-config",
                "--vo=null",
                "--ao=null",
                "--untimed",
                "--start=45",
                "--length=5",
                "--msg-level=all=warn,statusline=status",
                "--term-status-msg=at ${=time-pos}",
                Url,
            ],
            cancellationToken
        );

        Assert.That(shown, Does.Contain("at 4").And.Not.Contain("Failed"), shown);
    }

    [Test, CancelAfter(120_000)]
    public async Task Ffmpeg_decodes_every_frame(CancellationToken cancellationToken)
    {
        var shown = await RunningProgram.RunAsync(
            "ffmpeg",
            ["-v", "error", "-xerror", "-i", Url, "-map", "0", "-f", "framehash", "-hash", "md5", "-"],
            cancellationToken
        );
        var original = await RunningProgram.RunAsync(
            "ffmpeg",
            ["-v", "error", "-xerror", "-i", _film.Root, "-map", "0", "-f", "framehash", "-hash", "md5", "-"],
            cancellationToken
        );

        Assert.That(
            Content.Sha256(System.Text.Encoding.UTF8.GetBytes(shown)),
            Is.EqualTo(Content.Sha256(System.Text.Encoding.UTF8.GetBytes(original)))
        );
    }

    [Test, CancelAfter(120_000)]
    public async Task Curl_reads_ranges_and_the_whole(CancellationToken cancellationToken)
    {
        Programs.Need("curl");
        var original = await File.ReadAllBytesAsync(_film.Root, cancellationToken);
        var part = _folder.At("part.bin");
        var whole = _folder.At("whole.bin");

        await RunningProgram.RunAsync("curl", ["-sSf", "-r", "5000000-5999999", "-o", part, Url], cancellationToken);
        await RunningProgram.RunAsync("curl", ["-sSf", "-o", whole, Url], cancellationToken);

        Assert.That((await File.ReadAllBytesAsync(part, cancellationToken)).AsSpan().SequenceEqual(original.AsSpan(5_000_000, 1_000_000)));
        Assert.That((await File.ReadAllBytesAsync(whole, cancellationToken)).AsSpan().SequenceEqual(original));
    }

    [Test, CancelAfter(120_000)]
    public async Task Rclone_lists_copies_and_reads_at_offsets(CancellationToken cancellationToken)
    {
        Programs.Need("rclone");
        var secret = (await RunningProgram.RunAsync("rclone", ["obscure", _daemon.Secret], cancellationToken)).Trim();
        string[] remote =
        [
            "--config",
            "/dev/null",
            "--webdav-url",
            _daemon.DavRoot.ToString(),
            "--webdav-user",
            _daemon.User,
            "--webdav-pass",
            secret,
        ];
        var original = await File.ReadAllBytesAsync(_film.Root, cancellationToken);
        var copies = _folder.Make("rclone");

        var listed = await RunningProgram.RunAsync("rclone", ["lsf", ":webdav:multimedia", .. remote], cancellationToken);
        await RunningProgram.RunAsync("rclone", ["copy", ":webdav:multimedia", copies, .. remote], cancellationToken);
        await RunningProgram.RunAsync("rclone", ["check", "--download", ":webdav:multimedia", copies, .. remote], cancellationToken);

        Assert.That(listed.Trim(), Is.EqualTo("film.mkv"));
        Assert.That((await File.ReadAllBytesAsync(Path.Combine(copies, "film.mkv"), cancellationToken)).AsSpan().SequenceEqual(original));
    }
}
