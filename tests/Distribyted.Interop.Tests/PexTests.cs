using Distribyted.Interop.Tests.Support;

namespace Distribyted.Interop.Tests;

/// <summary>Peer exchange (BEP 11) as the only way to a peer that has something: no tracker, no DHT, no local discovery.</summary>
internal sealed class PexTests
{
    private static readonly Dictionary<string, long> Files = new(StringComparer.Ordinal) { ["film.mkv"] = 3_000_001 };

    [Test, CancelAfter(120_000)]
    public async Task A_bare_magnet_is_read_from_a_peer_that_libtorrent_tells_of(CancellationToken cancellationToken)
    {
        Programs.NeedLibtorrent();
        Programs.Need("transmission-create");
        using var folder = new TempFolder();
        var content = await Content.MakeAsync(folder, "Film", Files, 64, "http://127.0.0.1:1/announce", cancellationToken);
        var port = Ports.Free();
        await using var introducer = Peers.Introducer(content.Torrent, folder.Make("nothing"), port);
        await using var seeder = await Peers.LibtorrentAsync(
            content.Torrent,
            content.Folder,
            cancellationToken,
            dials: $"127.0.0.1:{port}"
        );
        await seeder.WaitForOutputAsync("seeding", cancellationToken);
        await using var daemon = await Daemon.StartAsync(folder, cancellationToken);

        await daemon.AddAsync("multimedia", $"magnet:?xt=urn:btih:{content.InfoHash}&x.pe=127.0.0.1:{port}", cancellationToken);

        var original = await File.ReadAllBytesAsync(Path.Combine(content.Root, "film.mkv"), cancellationToken);
        var read = await daemon.ReadAsync("/multimedia/Film/film.mkv", null, null, cancellationToken);
        Assert.That(Content.Sha256(read), Is.EqualTo(Content.Sha256(original)), introducer.Output);
    }
}
