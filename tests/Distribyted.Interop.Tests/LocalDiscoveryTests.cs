using Distribyted.Interop.Tests.Support;

namespace Distribyted.Interop.Tests;

/// <summary>Local discovery (BEP 14) with libtorrent, on the loopback interface and without a tracker.</summary>
internal sealed class LocalDiscoveryTests
{
    private static readonly Dictionary<string, long> Files = new(StringComparer.Ordinal) { ["film.mkv"] = 3_000_001 };

    [Test, CancelAfter(120_000)]
    public async Task A_seeder_of_the_local_network_is_found(CancellationToken cancellationToken)
    {
        Peers.Need("libtorrent");
        Programs.Need("transmission-create");
        using var folder = new TempFolder();
        var content = await Content.MakeAsync(folder, "Local show", Files, 128, "http://127.0.0.1:9/announce", cancellationToken);
        await using var seeder = await Peers.LibtorrentAsync(content.Torrent, content.Folder, cancellationToken, isLocal: true);
        await using var daemon = await Daemon.StartAsync(folder, cancellationToken, torrent: "disable_lsd: false");

        await daemon.AddAsync("multimedia", $"magnet:?xt=urn:btih:{content.InfoHash}", cancellationToken);

        var original = await File.ReadAllBytesAsync(Path.Combine(content.Root, "film.mkv"), cancellationToken);
        var read = await daemon.ReadAsync($"/multimedia/{content.Name}/film.mkv", null, null, cancellationToken);
        Assert.That(Content.Sha256(read), Is.EqualTo(Content.Sha256(original)));
    }

    [Test, CancelAfter(120_000)]
    public async Task A_leecher_of_the_local_network_finds_us(CancellationToken cancellationToken)
    {
        Peers.Need("libtorrent");
        using var folder = new TempFolder();
        var (bytes, section) = await Transfers.ShareAsync(folder, "", cancellationToken);
        await using var daemon = await Daemon.StartAsync(folder, cancellationToken, torrent: "disable_lsd: false", more: section);
        var magnet = await daemon.MagnetOfServerAsync("holiday", cancellationToken);
        var downloads = folder.Make("downloads");

        await using var leecher = await Peers.LibtorrentAsync(magnet.Link, downloads, cancellationToken, isLocal: true);

        await Transfers.HasAllAsync(downloads, bytes, leecher, cancellationToken);
    }
}
