using Distribyted.Interop.Tests.Support;

namespace Distribyted.Interop.Tests;

/// <summary>Magnets resolved, and files read byte for byte through WebDAV, from programs that we did not write.</summary>
[Parallelizable(ParallelScope.All)] // each waits most of its time for other programs
internal sealed class SeederTests
{
    private static readonly Dictionary<string, long> Files = new(StringComparer.Ordinal)
    {
        ["film.mkv"] = 20_000_001,
        ["Subs/English 100%.srt"] = 4_321,
        ["Subs/Français #1.srt"] = 54_321,
        ["extra/a.bin"] = 1,
        ["extra/b.bin"] = 262_144,
    };

    [TestCase("libtorrent", "http")]
    [TestCase("libtorrent", "udp")]
    [TestCase("transmission", "http")]
    [TestCase("transmission", "udp")]
    [TestCase("aria2", "http")]
    [TestCase("aria2", "udp")]
    [TestCase("qbittorrent", "http")]
    [TestCase("qbittorrent", "udp")]
    [CancelAfter(300_000)]
    public Task A_magnet_is_resolved_and_its_files_are_read_byte_for_byte(
        string program,
        string trackerKind,
        CancellationToken cancellationToken
    )
    {
        return Transfers.ReadFromAsync(program, Files, "", cancellationToken, trackerKind: trackerKind);
    }

    [TestCase("libtorrent")]
    [TestCase("transmission")]
    [CancelAfter(300_000)]
    public Task A_leecher_completes_a_torrent_from_us(string program, CancellationToken cancellationToken)
    {
        return Transfers.GiveToAsync(program, "", cancellationToken);
    }
}
