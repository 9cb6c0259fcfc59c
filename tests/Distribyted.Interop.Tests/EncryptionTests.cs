using Distribyted.Interop.Tests.Support;

namespace Distribyted.Interop.Tests;

/// <summary>Message Stream Encryption with programs that take no connection without it, both ways and with both payloads.</summary>
[Parallelizable(ParallelScope.All)] // each waits most of its time for other programs
internal sealed class EncryptionTests
{
    private static readonly Dictionary<string, long> Files = new(StringComparer.Ordinal) { ["film.mkv"] = 9_000_001, ["b.bin"] = 777 };

    [TestCase("libtorrent", "rc4", "prefer")]
    [TestCase("libtorrent", "plaintext", "prefer")]
    [TestCase("libtorrent", "both", "prefer")]
    [TestCase("libtorrent", "rc4", "require")]
    [TestCase("libtorrent", "both", "require")]
    [TestCase("libtorrent", "", "require")]
    [TestCase("transmission", "both", "prefer")]
    [TestCase("transmission", "both", "require")]
    [TestCase("transmission", "", "require")]
    [TestCase("aria2", "rc4", "prefer")]
    [TestCase("aria2", "plaintext", "prefer")]
    [TestCase("aria2", "rc4", "require")]
    [TestCase("qbittorrent", "both", "prefer")]
    [TestCase("qbittorrent", "both", "require")]
    [CancelAfter(300_000)]
    public Task Files_are_read_from_a_seeder_that_insists_on_it(
        string program,
        string encryption,
        string ours,
        CancellationToken cancellationToken
    )
    {
        return Transfers.ReadFromAsync(program, Files, $"encryption: {ours}", cancellationToken, encryption);
    }

    [TestCase("rc4", "prefer")]
    [TestCase("plaintext", "prefer")]
    [TestCase("both", "prefer")]
    [TestCase("rc4", "require")]
    [TestCase("both", "require")]
    [TestCase("", "require")]
    [TestCase("", "disable")]
    [CancelAfter(300_000)]
    public async Task A_leecher_that_dials_us_completes(string encryption, string ours, CancellationToken cancellationToken)
    {
        Peers.Need("libtorrent");
        using var folder = new TempFolder();
        var (bytes, section) = await Transfers.ShareAsync(folder, "", cancellationToken);
        await using var daemon = await Daemon.StartAsync(folder, cancellationToken, torrent: $"encryption: {ours}", more: section);
        var magnet = await daemon.MagnetOfServerAsync("holiday", cancellationToken);
        var downloads = folder.Make("downloads");
        await using var leecher = await Peers.LibtorrentAsync(
            magnet.Link,
            downloads,
            cancellationToken,
            encryption,
            $"127.0.0.1:{daemon.PeerPort}"
        );

        await Transfers.HasAllAsync(downloads, bytes, leecher, cancellationToken);
    }

    [Test, CancelAfter(300_000)]
    public Task A_leecher_that_we_dial_completes(CancellationToken cancellationToken)
    {
        return Transfers.GiveToAsync("transmission", "encryption: require", cancellationToken, "both"); // it dials no peer on loopback
    }
}
