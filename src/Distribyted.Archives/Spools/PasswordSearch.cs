using Distribyted.Archives.Formats;
using Distribyted.Archives.Unpacking;

namespace Distribyted.Archives.Spools;

/// <summary>Begins decompression, with the password that fits: those that are configured are tried in order, and which one fitted an archive is remembered. Safe for
/// use by many threads.</summary>
/// <remarks>Several methods have no check value: there, the first bytes decide, up to the first checksum.</remarks>
internal sealed class PasswordSearch(IReadOnlyList<string> passwords, int maxRatio)
{
    private const int MaxRemembered = 1000;
    private const long ProofLength = 16 << 20; // what is only encrypted shows no sign of a wrong password before its checksum

    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _fitted = new(StringComparer.Ordinal); // guarded by _lock

    /// <summary>Begins the block. May read and decompress its first bytes, in a blocking way.</summary>
    /// <param name="block">What is begun.</param>
    /// <param name="input">What it is read from.</param>
    /// <param name="memory">Bytes that were reserved for it.</param>
    /// <param name="from">Where it goes on, when it is not encrypted; null: at its start.</param>
    /// <exception cref="ArchiveException">No password fits, it takes more memory, or the block is a bomb. Whatever a library throws comes out as it is.</exception>
    public BlockDecoder Open(PackedBlock block, BlockInput input, long memory, Checkpoint? from)
    {
        BlockDecoder.CheckRatio(block, maxRatio);
        if (!block.IsEncrypted)
        {
            return Open(block, input, null, memory, from);
        }

        foreach (var password in InOrder(block.Archive))
        {
            try
            {
                Prove(block, input, password, memory);
            }
            catch (Exception e)
                when (input.Failure is null
                    && !input.IsCancelled
                    && e
                        is not ArchiveException
                        {
                            Failure: ArchiveFailure.TooLarge or ArchiveFailure.NotSupported or ArchiveFailure.MemoryNeeded
                        }
                )
            {
                continue;
            }

            Remember(block.Archive, password);
            return Open(block, input, password, memory, null);
        }

        throw new ArchiveException(
            ArchiveFailure.PasswordNeeded,
            passwords.Count == 0
                ? $"{block.Name} is encrypted. Its password can be given in archives.passwords."
                : $"{block.Name} is encrypted, and none of the passwords in archives.passwords fits."
        );
    }

    private BlockDecoder Open(PackedBlock block, BlockInput input, string? password, long memory, Checkpoint? from)
    {
        return new BlockDecoder(block, input, Begin(block, input, password, memory, from), maxRatio, from);
    }

    private static Stream Begin(PackedBlock block, BlockInput input, string? password, long memory, Checkpoint? from)
    {
        foreach (var volume in input.Volumes)
        {
            volume.Position = 0;
        }

        return block.Open(new UnpackingStart(input.Volumes, password, memory, from?.State));
    }

    // What a wrong password gives is noise: nearly every method stumbles over it at once, and the checksum tells the others.
    private void Prove(PackedBlock block, BlockInput input, string password, long memory)
    {
        var stream = Begin(block, input, password, memory, null);
        try
        {
            var decoder = new BlockDecoder(block, input, stream, maxRatio, null);
            var proof = Math.Min(passwords.Count > 1 ? ProofLength : 1, block.Members.IsEmpty ? ProofLength : block.Members[0].Length);
            while (decoder.Position < proof && !decoder.Next(BlockDecoder.ChunkLength).IsEmpty) { }
        }
        finally
        {
            BlockDecoder.Close(stream);
        }
    }

    private IEnumerable<string> InOrder(string archive)
    {
        string? fitted;
        lock (_lock)
        {
            fitted = _fitted.GetValueOrDefault(archive);
        }

        return fitted is null ? passwords : passwords.Where(password => password != fitted).Prepend(fitted);
    }

    private void Remember(string archive, string password)
    {
        lock (_lock)
        {
            if (_fitted.Count >= MaxRemembered)
            {
                _fitted.Clear();
            }

            _fitted[archive] = password;
        }
    }
}
