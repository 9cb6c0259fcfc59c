using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Distribyted.Interop.Tests.Support;

/// <summary>Files on disk and the torrent that another program made of them.</summary>
internal sealed partial class Content
{
    private Content(string root, string torrent, string magnet, string hash)
    {
        Root = root;
        Torrent = torrent;
        Magnet = magnet;
        InfoHash = hash;
    }

    /// <summary>Folder or file that was made into a torrent.</summary>
    public string Root { get; }

    /// <summary>What a seeder takes as its download folder.</summary>
    public string Folder => Path.GetDirectoryName(Root)!;

    public string Name => Path.GetFileName(Root);

    public string Torrent { get; }

    public string Magnet { get; }

    public string InfoHash { get; }

    /// <summary>Makes files of random bytes (the same for the same seed) and a torrent of them by transmission-create.</summary>
    public static async Task<Content> MakeAsync(
        TempFolder folder,
        string name,
        IReadOnlyDictionary<string, long> files,
        int pieceKiB,
        string tracker,
        CancellationToken cancellationToken
    )
    {
        var root = folder.At("content", name);
        var random = new Random(name.Length);
        var buffer = new byte[1 << 20];
        foreach (var (path, length) in files)
        {
            var file = path.Length == 0 ? root : Path.Combine(root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await using var stream = File.Create(file);
            for (var left = length; left > 0; left -= buffer.Length)
            {
                random.NextBytes(buffer);
                await stream.WriteAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), cancellationToken);
            }
        }

        return await OfAsync(folder, root, pieceKiB, tracker, cancellationToken);
    }

    /// <summary>Makes a torrent of what is there.</summary>
    public static async Task<Content> OfAsync(
        TempFolder folder,
        string root,
        int pieceKiB,
        string tracker,
        CancellationToken cancellationToken
    )
    {
        var torrent = folder.At(Path.GetFileName(root) + ".torrent");
        await RunningProgram.RunAsync(
            "transmission-create",
            ["-o", torrent, "-t", tracker, "-s", pieceKiB.ToString(CultureInfo.InvariantCulture), root],
            cancellationToken
        );
        var shown = await RunningProgram.RunAsync("transmission-show", [torrent], cancellationToken);
        var hash = HashLine().Match(shown).Groups["hash"].Value;
        var magnet = $"magnet:?xt=urn:btih:{hash}&dn={Uri.EscapeDataString(Path.GetFileName(root))}&tr={Uri.EscapeDataString(tracker)}";
        return new Content(root, torrent, magnet, hash);
    }

    public static string Sha256(ReadOnlySpan<byte> bytes)
    {
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    [GeneratedRegex("Hash: (?<hash>[0-9a-f]{40})", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex HashLine();
}
