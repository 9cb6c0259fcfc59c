using System.Net;
using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Testing;

namespace Distribyted.Lab.Tests;

internal sealed class LabSwarmTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder()
    {
        _folder = Directory.CreateTempSubdirectory("distribyted-lab-test-").FullName;
    }

    [TearDown]
    public void DeleteFolder()
    {
        Directory.Delete(_folder, recursive: true);
    }

    [TestCase(false, false)]
    [TestCase(true, false)]
    [TestCase(false, true)]
    [CancelAfter(60_000)]
    public async Task A_magnet_of_the_swarm_is_read_byte_for_byte(bool udp, bool behindLines, CancellationToken cancellationToken)
    {
        var content = LabContent.Folder("season", [new LabFile("one.mkv", 2_500_000), new LabFile("two.mkv", 700_001)]);
        await using var swarm = await LabSwarm.StartAsync(
            new LabSwarmOptions
            {
                Content = content,
                PieceLength = 128 * 1024,
                Udp = udp,
                Loggers = new RecordingLog(TestContext.Out, "seeder"),
                Link = behindLines ? LinkOptions.Symmetric(TimeSpan.FromMilliseconds(20), 20_000_000) : null,
            },
            cancellationToken
        );
        await using var reader = new TorrentSession(
            new BitTorrentOptions
            {
                Discovery = { DisableDht = true },
                MetadataFolder = _folder,
                Transport =
                {
                    ListenPort = 0,
                    BindAddresses = [IPAddress.Parse("127.0.0.200")],
                    DisableLsd = true,
                },
            },
            new RecordingLog(TestContext.Out, "reader"),
            TimeProvider.System
        );
        await reader.StartAsync(cancellationToken);
        var magnet = MagnetLink.Parse(swarm.Magnet);

        var torrent = await reader.AddAsync(new TorrentSource(magnet.InfoHash, magnet.Name, magnet.Trackers, []), cancellationToken);
        var info = await torrent.GetInfoAsync(cancellationToken);
        var bytes = new byte[700_001];
        await using var file = await torrent.OpenReaderAsync(content.StartOf(1), bytes.Length, 0, null, "test", cancellationToken);
        for (var at = 0; at < bytes.Length; )
        {
            at += await file.ReadAsync(bytes.AsMemory(at), at, cancellationToken);
        }

        Assert.That(info.InfoHash, Is.EqualTo(swarm.Torrent.Info.InfoHash));
        Assert.That(content.Matches(1, 0, bytes));
        Assert.That(swarm.Lines.Sum(line => line.Accepted), behindLines ? Is.Positive : Is.Zero);
    }
}
