using System.Security.Cryptography;
using System.Text;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.Routes.Catalog;

namespace Distribyted.Routes.Tests;

/// <summary>Torrents and rows made of a word.</summary>
internal static class Rows
{
    internal static readonly DateTimeOffset Noon = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    internal static InfoHash Hash(string word)
    {
        return new InfoHash(SHA1.HashData(Encoding.UTF8.GetBytes(word)));
    }

    internal static CatalogTorrent Torrent(
        string route,
        string name,
        bool isFolder = false,
        string origin = Origins.Api,
        string? hash = null
    )
    {
        return new CatalogTorrent(route, Hash(hash ?? name), name, isFolder, 100, Noon, Noon, origin, null, null, []);
    }

    internal static CatalogRoute Route(string name, string origin = Origins.Api)
    {
        return new CatalogRoute(name, Noon, origin, []);
    }

    internal static string Magnet(string word, string? name = null)
    {
        return $"magnet:?xt=urn:btih:{Hash(word)}" + (name is null ? "" : "&dn=" + Uri.EscapeDataString(name));
    }

    /// <summary>A <c>.torrent</c> of these files whose content no peer has.</summary>
    internal static byte[] TorrentFile(string name, params (string Path, long Length)[] files)
    {
        const int pieceLength = 16 * 1024;
        var total = files.Sum(f => f.Length);
        var hashes = new byte[(total + pieceLength - 1) / pieceLength * 20];
        RandomNumberGenerator.Fill(hashes);
        var info =
            files is [var (path, length)] && path.Length == 0
                ? TorrentInfoWriter.WriteFile(name, length, pieceLength, hashes)
                : TorrentInfoWriter.WriteFolder(
                    name,
                    [.. files.Select(f => new NewTorrentFile(f.Path.Split('/'), f.Length))],
                    pieceLength,
                    hashes
                );
        return new MetainfoFile(info, [], [], null, null).Write();
    }

    /// <summary>The same torrent with these trackers, each a tier.</summary>
    internal static byte[] WithTrackers(byte[] torrentFile, params string[] trackers)
    {
        IReadOnlyList<IReadOnlyList<string>> tiers = [.. trackers.Select(t => (IReadOnlyList<string>)[t])];
        return (MetainfoFile.Read(torrentFile) with { Trackers = tiers }).Write();
    }

    /// <summary>A private torrent (BEP 27) of one file whose content no peer has.</summary>
    internal static byte[] PrivateFile(string name)
    {
        var hashes = new byte[20];
        RandomNumberGenerator.Fill(hashes);
        return new MetainfoFile(TorrentInfoWriter.WriteFile(name, 100, 16 * 1024, hashes, isPrivate: true), [], [], null, null).Write();
    }

    internal static InfoHash HashOf(byte[] torrentFile)
    {
        return MetainfoFile.Read(torrentFile).Info.InfoHash;
    }
}
