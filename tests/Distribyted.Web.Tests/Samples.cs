using Distribyted.Lab;

namespace Distribyted.Web.Tests;

/// <summary>Torrents that tests add.</summary>
internal static class Samples
{
    /// <summary>The info hash of a torrent that no peer has.</summary>
    public const string Dead = "c9e15763f722f23e98a29decdfae341b98d53056";

    /// <summary>What a torrent is made of.</summary>
    public static LabContent Content { get; } =
        LabContent.Folder("A film", [new LabFile("film.mkv", 300_001), new LabFile("film.srt", 1_000)]);

    /// <summary>Its <c>.torrent</c>: five pieces of 64 KiB.</summary>
    public static byte[] Torrent { get; } = Content.CreateTorrent(64 << 10).Write();

    /// <summary>Its info hash.</summary>
    public static string Hash { get; } = Content.CreateTorrent(64 << 10).Info.InfoHash.ToString();
}
