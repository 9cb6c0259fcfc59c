using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Distribyted.Platform;

namespace Distribyted.Routes.Sharing;

/// <summary>Keeps the hashes of a shared folder over restarts, one file for each folder in <c>shares/</c> of the metadata folder. Losing it
/// costs reading the folder again.</summary>
internal sealed class HashStore
{
    private readonly string _file;

    internal HashStore(string metadataFolder, string sharedFolder)
    {
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(sharedFolder))).AsSpan(0, 8));
        _file = Path.Combine(metadataFolder, "shares", key + ".json");
    }

    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="JsonException">It is not what was written.</exception>
    internal async Task<FolderHashes?> LoadAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(_file))
        {
            return null;
        }

        await using var stream = File.OpenRead(_file);
        var hashes = await JsonSerializer.DeserializeAsync(stream, SharingJson.Default.FolderHashes, cancellationToken);
        return
            hashes is { Pieces: not null, Files: { } files, PieceLength: > 0 and var length }
            && hashes.Count == FolderHashes.CountOf(files, length)
            ? hashes
            : throw new JsonException("its pieces and files do not fit together");
    }

    internal async Task SaveAsync(FolderHashes hashes, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        await DurableFile.ReplaceAsync(
            _file,
            stream => JsonSerializer.SerializeAsync(stream, hashes, SharingJson.Default.FolderHashes, cancellationToken)
        );
    }
}
