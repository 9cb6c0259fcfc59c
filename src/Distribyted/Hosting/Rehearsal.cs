using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Torrents;
using Distribyted.FileSystem;
using Distribyted.Platform;
using Distribyted.Routes;
using Distribyted.Routes.Model;
using Microsoft.Extensions.Logging.Abstractions;
using RouteOptions = Distribyted.Routes.RouteOptions;

namespace Distribyted.Hosting;

/// <summary>Adds a small torrent to a library of its own, finds a session beside it by a tracker, and reads the torrent from it. What that loads (code, types, tables of
/// the runtime) is there when a user adds the first torrent.</summary>
/// <remarks>Everything stays on the loopback address and is gone afterwards: no log line, no metric, no file.</remarks>
internal static class Rehearsal
{
    internal const int Length = 4 * PieceLength;

    private const string Route = "rehearsal";
    private const int PieceLength = 64 * 1024;

    private static readonly TimeSpan BeforeClosing = TimeSpan.FromSeconds(1); // takes CPU time as well: not from a user who adds a torrent at once

    private static int _isDone; // what is loaded stays loaded: daemons that run one after the other in a process share it

    /// <summary>The step of the warm-up.</summary>
    /// <param name="metadata">The metadata folder; a folder in it is used and removed.</param>
    public static WarmUpStep Step(string metadata)
    {
        return new WarmUpStep("first torrent", token => OnceAsync(Path.Combine(metadata, Route), token));
    }

    /// <summary>Does it.</summary>
    /// <param name="folder">Is made, and removed afterwards. If it exists, it was left by a process that was killed, and goes first.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Bytes that were read.</returns>
    /// <exception cref="IOException">The folder cannot be used, or no port is free.</exception>
    public static async Task<long> RunAsync(string folder, CancellationToken cancellationToken)
    {
        Remove(folder);
        Directory.CreateDirectory(folder);
        try
        {
            return await ReadAsync(folder, cancellationToken);
        }
        finally
        {
            Remove(folder);
        }
    }

    private static async Task OnceAsync(string folder, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isDone, 1) != 0)
        {
            return;
        }

        await RunAsync(folder, cancellationToken);
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<long> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        await using var seeder = new TorrentSession(
            OptionsOf(Path.Combine(folder, "seeder")),
            NullLoggerFactory.Instance,
            TimeProvider.System
        );
        await seeder.StartAsync(cancellationToken);
        var info = Share(Path.Combine(folder, "content"));
        var content = new TorrentSource(
            info.InfoHash,
            info.Name,
            [],
            [],
            new MetainfoFile(info, [], [], null, null),
            Path.Combine(folder, "content")
        );
        await seeder.AddAsync(content, cancellationToken);

        await using var tracker = new RehearsalTracker(seeder.ListenPort);
        await using var library = LibraryOf(OptionsOf(Path.Combine(folder, "library")));
        await library.GetRequiredService<TorrentSession>().StartAsync(cancellationToken);
        var start = library.GetRequiredService<IHostedService>();
        await start.StartAsync(cancellationToken);
        try
        {
            var magnet = string.Create(CultureInfo.InvariantCulture, $"magnet:?xt=urn:btih:{info.InfoHash}&tr={tracker.Address}");
            var read = await ReadAsync(
                library.GetRequiredService<RouteManager>(),
                new Addition(magnet, default, "api"),
                info.InfoHash,
                cancellationToken
            );
            await Task.Delay(BeforeClosing, TimeProvider.System, cancellationToken);
            return read;
        }
        finally
        {
            await start.StopAsync(CancellationToken.None);
        }
    }

    private static async Task<long> ReadAsync(RouteManager routes, Addition magnet, InfoHash hash, CancellationToken cancellationToken)
    {
        await routes.AddAsync(Route, magnet, cancellationToken);
        await routes.MetadataAsync(Route, hash, cancellationToken);
        var path = VirtualPath.Root.Append(Route);
        var files = await routes.Tree.ListAsync(path, cancellationToken);
        if (files is not { Count: 1 } || await routes.Tree.LocateAsync(path.Append(files[0].Name), cancellationToken) is not { } film)
        {
            return 0;
        }

        await using var reader = await film.OpenAsync(new ReadIntent(0, Length, Route), cancellationToken);
        var buffer = new byte[PieceLength];
        var at = 0L;
        while (reader is not null && await reader.ReadAsync(buffer, at, cancellationToken) is > 0 and var count)
        {
            at += count;
        }

        return at;
    }

    private static TorrentInfo Share(string folder)
    {
        Directory.CreateDirectory(folder);
        using (var file = File.Create(Path.Combine(folder, Route)))
        {
            file.SetLength(Length);
        }

        var hash = SHA1.HashData(new byte[PieceLength]);
        byte[] hashes = [.. hash, .. hash, .. hash, .. hash];
        return TorrentInfoWriter.WriteFile(Route, Length, PieceLength, hashes, isPrivate: true);
    }

    private static ServiceProvider LibraryOf(BitTorrentOptions options)
    {
        return new ServiceCollection()
            .AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance)
            .AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
            .AddSingleton(TimeProvider.System)
            .AddSingleton(options)
            .AddSingleton(new RouteOptions { MetadataFolder = options.MetadataFolder })
            .AddSingleton<TorrentSession>()
            .AddRoutes()
            .BuildServiceProvider();
    }

    private static BitTorrentOptions OptionsOf(string folder)
    {
        return new BitTorrentOptions
        {
            MetadataFolder = folder,
            Discovery = { DisableDht = true },
            Cache =
            {
                Size = 64 << 20,
                PieceMemory = 16 << 20,
                HotCache = 0,
            },
            Transport =
            {
                ListenPort = 0,
                BindAddresses = [IPAddress.Loopback],
                DisableLsd = true,
            },
            HibernateAfter = TimeSpan.Zero,
        };
    }
}
