using Distribyted.Interop.Tests.Support;

namespace Distribyted.Interop.Tests;

/// <summary>Torrents made by libtorrent whose only source is nginx.</summary>
internal sealed class WebSeedTests
{
    private static readonly Dictionary<string, long> Files = new(StringComparer.Ordinal)
    {
        ["film.mkv"] = 20_000_001,
        ["Subs/English 100%.srt"] = 4_321,
        ["Subs/Français #1?.srt"] = 54_321,
        ["extra/a.bin"] = 1,
    };

    [TestCase(true)]
    [TestCase(false)]
    [CancelAfter(120_000)]
    public async Task Files_are_read_byte_for_byte_through_the_mount(bool byLink, CancellationToken cancellationToken)
    {
        Nginx.Need();
        Programs.NeedLibtorrent();
        using var folder = new TempFolder();
        var root = folder.Make("www", "Show & more");
        foreach (var (path, length) in Files)
        {
            var file = Path.Combine(root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            var bytes = new byte[length];
            new Random(path.Length).NextBytes(bytes);
            await File.WriteAllBytesAsync(file, bytes, cancellationToken);
        }

        await using var nginx = await Nginx.StartAsync(folder, folder.At("www"), cancellationToken);
        var torrent = folder.At("www", "show.torrent");
        var script = Path.Combine(AppContext.BaseDirectory, "Support", "libtorrent_create.py");
        var hash = await RunningProgram.RunAsync("/usr/bin/python3", [script, root, torrent, nginx.Root], cancellationToken);
        await using var daemon = await Daemon.StartAsync(
            folder,
            cancellationToken,
            more: """
            security:
              outgoing_allow: [127.0.0.1]
            routes:
              - name: multimedia
            """
        );

        if (byLink)
        {
            var source = Uri.EscapeDataString(nginx.Root);
            await daemon.AddAsync(
                "multimedia",
                $"magnet:?xt=urn:btih:{hash.Trim()}&ws={source}&xs={source}show.torrent",
                cancellationToken
            );
        }
        else
        {
            await daemon.PutAsync("/multimedia/show.torrent", torrent, cancellationToken);
        }

        foreach (var (path, _) in Files)
        {
            var original = await File.ReadAllBytesAsync(Path.Combine(root, path), cancellationToken);
            var read = await daemon.ReadAsync($"/multimedia/Show & more/{path}", null, null, cancellationToken);
            Assert.That(Content.Sha256(read), Is.EqualTo(Content.Sha256(original)), $"{path}\n{daemon.Output}");
        }

        var tail = await daemon.ReadAsync("/multimedia/Show & more/film.mkv", 19_000_000, 19_000_999, cancellationToken);
        Assert.That(tail, Has.Length.EqualTo(1000));
    }
}
