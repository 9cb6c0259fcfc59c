using Distribyted.Interop.Tests.Support;

namespace Distribyted.Interop.Tests;

/// <summary>µTP with programs that we did not write. Our side has no TCP, and libtorrent's neither.</summary>
[Parallelizable(ParallelScope.All)] // each waits most of its time for other programs
internal sealed class UtpTests
{
    private const string UtpOnly = "disable_tcp: true";

    private static readonly Dictionary<string, long> Files = new(StringComparer.Ordinal) { ["film.mkv"] = 20_000_001, ["a.srt"] = 4_321 };

    [TestCase("libtorrent over utp")]
    [TestCase("transmission over utp")]
    [CancelAfter(300_000)]
    public Task Files_are_read_byte_for_byte(string program, CancellationToken cancellationToken)
    {
        return Transfers.ReadFromAsync(program, Files, UtpOnly, cancellationToken);
    }

    [TestCase("libtorrent over utp")]
    [TestCase("transmission over utp")]
    [CancelAfter(300_000)]
    public Task A_leecher_completes_a_torrent_from_us(string program, CancellationToken cancellationToken)
    {
        return Transfers.GiveToAsync(program, UtpOnly, cancellationToken);
    }
}
