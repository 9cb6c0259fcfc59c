using System.Net;
using System.Runtime.CompilerServices;
using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Tests.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Torrents;

/// <summary>What trackers hear of torrents that are read, fall asleep and are evicted, and who is asked and dialled.</summary>
internal sealed class AnnounceTests
{
    private static readonly LabContent Film = LabContent.File("film.mkv", 1_234_567);

    [Test, CancelAfter(60_000)]
    public async Task Completed_is_told_once_and_what_is_told_stays_true_asleep_and_awake(CancellationToken cancellationToken)
    {
        await using var bed = await StartSleepyAsync(cancellationToken);
        var torrent = await bed.AddSeededAsync(cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, 100_000, cancellationToken);
        await bed.WaitForAsync(() => torrent.Swarm is null, cancellationToken);
        var partly = Progress(torrent);
        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
        await bed.Tracker.WaitForAsync(all => all.Any(a => a.Event == "completed"), cancellationToken);
        var awake = Progress(torrent);
        await bed.WaitForAsync(() => torrent.Swarm is null, cancellationToken);
        var asleep = Progress(torrent);
        await bed.ReadAndCompareAsync(torrent, 0, 1000, cancellationToken);
        var again = Progress(torrent);
        await bed.Session.DisposeAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(partly.Left, Is.GreaterThan(0).And.LessThanOrEqualTo(Film.Length - 100_000));
            Assert.That(partly.Downloaded, Is.GreaterThanOrEqualTo(100_000));
            Assert.That(awake.Left, Is.Zero);
            Assert.That(awake.Downloaded, Is.GreaterThanOrEqualTo(Film.Length));
            Assert.That(asleep, Is.EqualTo(awake));
            Assert.That(again, Is.EqualTo(awake));
            Assert.That(bed.Tracker.Announces.Count(a => a.Event == "completed"), Is.EqualTo(1));
            Assert.That(bed.Tracker.Announces.Single(a => a.Event == "completed").Left, Is.Zero);
            var last = bed.Tracker.Announces.Last();
            Assert.That((last.Event, last.Left), Is.EqualTo(("stopped", 0L)));
            Assert.That(last.Query["downloaded"], Is.EqualTo($"{awake.Downloaded}"));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task Trackers_of_a_list_on_the_web_are_asked_for_public_torrents(CancellationToken cancellationToken)
    {
        await using var extra = LabTracker.Start();
        await using var list = WebSeeds.WebServer.Start();
        list.Answer = async (_, stream, token) =>
        {
            await WebSeeds.WebServer.SendAsync(stream, "200 OK", System.Text.Encoding.ASCII.GetBytes(extra.HttpUrl + "\n"), token);
            return true;
        };
        await using var bed = await SwarmBed.StartAsync(
            Film,
            64 * 1024,
            cancellationToken,
            options => options.Discovery.ExtraTrackersUrl = list.Root + "best.txt"
        );

        var torrent = await bed.AddMagnetAsync(cancellationToken);

        await extra.WaitForAsync(all => all.Any(a => a.InfoHash == bed.Info.InfoHash), cancellationToken);
        await bed.WaitForAsync(() => torrent.GetStatistics().SwarmSize is not null, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_torrent_that_was_whole_from_the_start_tells_no_completion(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 64 * 1024, cancellationToken);
        var torrent = await bed.AddSeededAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
        await bed.Tracker.WaitForAsync(all => all.Any(a => a.Event == "completed"), cancellationToken);

        await bed.RestartAsync(cancellationToken);
        torrent = await bed.AddMagnetAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
        await bed.Tracker.WaitForAsync(all => all.Count(a => a.Event == "started") == 2, cancellationToken);
        await bed.Session.DisposeAsync();

        Assert.That(bed.Tracker.Announces.Count(a => a.Event == "completed"), Is.EqualTo(1));
        Assert.That(bed.Tracker.Announces.Last(a => a.Event == "started").Left, Is.Zero);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_sleeping_torrent_whose_pieces_are_gone_is_announced_no_longer(CancellationToken cancellationToken)
    {
        await using var bed = await StartSleepyAsync(cancellationToken);
        var torrent = await bed.AddSeededAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
        await bed.WaitForAsync(() => torrent.Swarm is null, cancellationToken);
        Assert.That(bed.Tracker.Announces.Select(a => a.Event), Does.Not.Contain("stopped"));

        bed.Session.Torrents.Store.Remove(torrent.InfoHash);
        await bed.Tracker.WaitForAsync(all => all.Any(a => a.Event == "stopped"), cancellationToken);

        Assert.That(bed.Tracker.Announces.Last().Left, Is.EqualTo(Film.Length));
        await bed.ReadAndCompareAsync(torrent, 0, 1000, cancellationToken);
        await bed.Tracker.WaitForAsync(all => all.Count(a => a.Event == "started") == 2, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_private_torrent_goes_to_no_extra_tracker_although_its_metadata_was_lost(CancellationToken cancellationToken)
    {
        await using var extra = LabTracker.Start();
        await using var bed = await SwarmBed.StartAsync(
            Film,
            64 * 1024,
            cancellationToken,
            o =>
            {
                o.Discovery.ExtraTrackers = [extra.HttpUrl];
                o.Transport.ListenPort = 0;
            }
        );
        var torrent = await AddPrivateAsync(bed, cancellationToken);
        Directory.Delete(bed.MetainfoFolder, recursive: true);
        await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellationToken); // on another stack nothing holds the metadata
        GC.Collect();

        Assert.That(await torrent.TryGetInfoAsync(cancellationToken), Is.Null, "it is neither in memory nor on disk");
        await bed.Tracker.WaitForAsync(all => all.Count > 0, cancellationToken);
        await bed.Session.DisposeAsync();

        Assert.That(extra.Announces, Is.Empty);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_peer_that_the_magnet_names_by_host_name_is_dialled(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 64 * 1024, cancellationToken);
        var seed = bed.AddPeer(PeerHabit.Honest);
        bed.Resolve = host =>
            host == "seed.example"
                ? Task.FromResult<IPAddress[]>([seed.EndPoint.Address])
                : Task.FromException<IPAddress[]>(new System.Net.Sockets.SocketException());
        await bed.RestartAsync(cancellationToken);
        var torrent = await AddLinkAsync(bed, $"seed.example:{seed.EndPoint.Port}", cancellationToken);

        await bed.GetInfoAsync(torrent, cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
    }

    [TestCase("[::1]")]
    [TestCase("::1")]
    [CancelAfter(60_000)]
    public async Task A_peer_that_the_magnet_names_by_IPv6_address_is_dialled(string address, CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(
            Film,
            64 * 1024,
            cancellationToken,
            o => o.Transport.BindAddresses = [IPAddress.Loopback, IPAddress.IPv6Loopback]
        );
        var seed = bed.AddPeer(PeerHabit.Honest, o => o with { Address = IPAddress.IPv6Loopback });
        var torrent = await AddLinkAsync(bed, $"{address}:{seed.EndPoint.Port}", cancellationToken);

        await bed.GetInfoAsync(torrent, cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_readers_announce_goes_before_those_of_many_pending_magnets(CancellationToken cancellationToken)
    {
        const int Magnets = 400;
        await using var bed = await SwarmBed.StartAsync(Film, 64 * 1024, cancellationToken);
        bed.AddPeer(PeerHabit.Honest);
        var film = await bed.AddFileAsync(bed.Tracker.HttpUrl, cancellationToken);
        for (var i = 0; i < Magnets; i++)
        {
            var hash = InfoHash.Compute(BitConverter.GetBytes(i));
            await bed.Session.AddAsync(
                new TorrentSource(
                    hash,
                    null,
                    [
                        [bed.Tracker.HttpUrl],
                    ],
                    []
                ),
                cancellationToken
            );
        }

        await bed.ReadAndCompareAsync(film, 0, 100_000, cancellationToken);

        var before = bed.Tracker.Announces.TakeWhile(a => a.InfoHash != film.InfoHash).Count();
        await TestContext.Progress.WriteLineAsync($"{before} of {Magnets} announces went out before the reader's");
        Assert.That(before, Is.LessThan(Magnets - 50));
    }

    /// <summary>A session whose torrents fall asleep as soon as they are not read.</summary>
    private static Task<SwarmBed> StartSleepyAsync(CancellationToken cancellationToken)
    {
        return SwarmBed.StartAsync(
            Film,
            64 * 1024,
            cancellationToken,
            o => o.HibernateAfter = TimeSpan.FromMilliseconds(1),
            time: new FastClock(5)
        );
    }

    private static (long Downloaded, long Uploaded, long Left) Progress(Torrent torrent)
    {
        return ((ISwarmPort)torrent).Progress;
    }

    private static Task<Torrent> AddLinkAsync(SwarmBed bed, string peer, CancellationToken cancellationToken)
    {
        var link = MagnetLink.Parse($"magnet:?xt=urn:btih:{bed.Info.InfoHash}&x.pe={Uri.EscapeDataString(peer)}");
        return bed.Session.AddAsync(
            new TorrentSource(link.InfoHash, null, [], link.Peers) { PeerHosts = link.PeerHosts },
            cancellationToken
        );
    }

    /// <summary>In a method of its own, so that no local variable holds the metadata afterwards.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<Torrent> AddPrivateAsync(SwarmBed bed, CancellationToken cancellationToken)
    {
        byte[] bytes = [.. bed.Info.Bytes.Span[..^1], .. "7:privatei1ee"u8];
        var info = TorrentInfoReader.Read(bytes);
        var torrent = await bed.AddFileAsync(bed.Tracker.HttpUrl, cancellationToken, info);
        Assert.That((await torrent.TryGetInfoAsync(cancellationToken))!.IsPrivate, Is.True);
        return torrent;
    }
}
