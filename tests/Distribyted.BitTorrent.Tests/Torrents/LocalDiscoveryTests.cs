using System.Net;
using System.Net.Sockets;
using System.Text;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Tests.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.BitTorrent.Transport;
using Distribyted.Lab;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.BitTorrent.Tests.Torrents;

/// <summary>Sessions that know of each other by the local network only: the multicast groups on the loopback interface.</summary>
[TestFixture, CancelAfter(60_000), Platform("Linux")]
internal sealed class LocalDiscoveryTests
{
    private static readonly LabContent Film = LabContent.File("film.mkv", 1L << 20);

    [Test]
    public async Task A_torrent_is_read_from_who_has_it_in_the_local_network(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        var file = Film.CreateTorrent(256 * 1024, [], isPrivate: false);
        await Film.WriteToAsync(folder.Make("content"), cancellationToken);
        await using var seeder = SessionOf(folder.Make("seeder"), isOff: false);
        await seeder.StartAsync(cancellationToken);
        seeder.StartDiscovery();
        await seeder.AddAsync(new TorrentSource(file.Info.InfoHash, Film.Name, [], [], file, folder.At("content")), cancellationToken);
        await using var bed = await SwarmBed.StartAsync(
            Film,
            256 * 1024,
            cancellationToken,
            static o =>
            {
                o.Transport.DisableLsd = false;
                o.Transport.Encryption = EncryptionMode.Prefer;
            }
        );

        var torrent = await bed.Session.AddAsync(new TorrentSource(file.Info.InfoHash, null, [], []), cancellationToken);

        await bed.GetInfoAsync(torrent, cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
    }

    [Test]
    public async Task Switched_off_it_tells_the_local_network_nothing(CancellationToken cancellationToken)
    {
        var hidden = InfoHash.Compute(Guid.NewGuid().ToByteArray());
        var shown = InfoHash.Compute(Guid.NewGuid().ToByteArray());
        using var witness = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        witness.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        witness.Bind(new IPEndPoint(IPAddress.Any, 6771));
        witness.SetSocketOption(
            SocketOptionLevel.IP,
            SocketOptionName.AddMembership,
            new MulticastOption(IPAddress.Parse("239.192.152.143"), IPAddress.Loopback)
        );
        using var folder = new TempFolder();
        await using var off = SessionOf(folder.Make("off"), isOff: true);
        await using var on = SessionOf(folder.Make("on"), isOff: false);
        await off.StartAsync(cancellationToken);
        await on.StartAsync(cancellationToken);
        off.StartDiscovery();
        on.StartDiscovery();

        await off.AddAsync(new TorrentSource(hidden, null, [], []), cancellationToken);
        await on.AddAsync(new TorrentSource(shown, null, [], []), cancellationToken);

        var buffer = new byte[2000];
        var all = new StringBuilder();
        while (!all.ToString().Contains(shown.ToString(), StringComparison.Ordinal))
        {
            var length = await witness.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
            all.Append(Encoding.ASCII.GetString(buffer, 0, length));
        }

        Assert.That(all.ToString(), Does.Not.Contain(hidden.ToString()));
    }

    private static TorrentSession SessionOf(string folder, bool isOff)
    {
        return new TorrentSession(
            new BitTorrentOptions
            {
                MetadataFolder = folder,
                Transport =
                {
                    ListenPort = 0,
                    BindAddresses = [IPAddress.Loopback],
                    DisableLsd = isOff,
                },
            },
            NullLoggerFactory.Instance,
            TimeProvider.System
        );
    }
}
