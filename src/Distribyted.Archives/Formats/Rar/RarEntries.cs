using System.Collections.Immutable;

namespace Distribyted.Archives.Formats.Rar;

/// <summary>Makes entries of file headers: joins the parts of one that spans volumes.</summary>
internal sealed class RarEntries(IArchiveSource source, int maxEntries)
{
    // WinRAR uses 32 MiB unless it is told otherwise.
    private const long MaxDictionary = 256 * 1024 * 1024;

    // RAR 4 has 4 MiB, and for texts a model whose size stands between the packed bytes: WinRAR makes it 25 MiB.
    private const long OldMemory = 32 * 1024 * 1024;

    private readonly ImmutableArray<ArchiveEntry>.Builder _entries = ImmutableArray.CreateBuilder<ArchiveEntry>();
    private readonly List<StoredRange> _ranges = [];
    private RarFile? _open;
    private long _packed;
    private int _ordinal;

    /// <summary>Whether an entry came after the last one that the limit allows.</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>The entry that goes on in the next volume.</summary>
    public RarFile? Open => _open;

    /// <summary>Packed bytes of the open entry so far.</summary>
    public long Packed => _packed;

    public void Add(RarFile file, int volume, long offset, long length)
    {
        if (length < 0 || offset > source.LengthOf(volume) - length)
        {
            throw new ArchiveException(ArchiveFailure.Damaged, $"{source.NameOf(volume)} ends before the data of '{file.Path}' does.");
        }

        if (file.ContinuesBefore != _open is not null || (_open is not null && !IsNextPart(_open, file)))
        {
            throw new ArchiveException(
                ArchiveFailure.VolumeMissing,
                file.ContinuesBefore
                    ? $"'{file.Path}' begins in a volume before {source.NameOf(volume)} that is missing."
                    : $"'{_open!.Path}' goes on in a volume before {source.NameOf(volume)} that is missing."
            );
        }

        if (_open is null)
        {
            if (_entries.Count >= maxEntries && !file.IsSpecial)
            {
                IsTruncated = true;
                return;
            }

            _ranges.Clear();
            _packed = 0;
        }

        AddPart(volume, offset, length);
        _open = file.ContinuesAfter ? file : null;
        if (_open is null)
        {
            Close(file);
        }
    }

    /// <summary>A part of the open entry that fills a volume and whose header was not read.</summary>
    public void AddPart(int volume, long offset, long length)
    {
        _packed += length;
        if (length > 0)
        {
            _ranges.Add(new StoredRange(volume, offset, length));
        }
    }

    public ArchiveIndex Finish(bool isSolid)
    {
        return new ArchiveIndex(_entries.ToImmutable(), IsTruncated, isSolid);
    }

    private static bool IsNextPart(RarFile before, RarFile file)
    {
        return string.Equals(before.Path, file.Path, StringComparison.Ordinal)
            && before.Length == file.Length
            && before.IsStored == file.IsStored
            && before.IsEncrypted == file.IsEncrypted;
    }

    /// <summary>What needs more memory than a daemon should give to it has another name, so that it is listed and not decompressed.</summary>
    private static string MethodOf(RarFile file)
    {
        return file.IsStored ? "stored"
            : file.Dictionary > MaxDictionary ? $"rar with a dictionary of {file.Dictionary >> 20} MiB"
            : "rar";
    }

    private void Close(RarFile file)
    {
        var ordinal = _ordinal++;
        if (file.IsSpecial)
        {
            return;
        }

        var isPlain = file is { IsStored: true, IsEncrypted: false, IsFolder: false };
        if (isPlain && _packed < file.Length && _ranges.Count > 1)
        {
            throw new ArchiveException(
                ArchiveFailure.VolumeMissing,
                $"The volumes from {source.NameOf(_ranges[0].Volume)} hold {_packed} of {file.Length} bytes of '{file.Path}': one between is missing."
            );
        }

        var length = file.IsFolder ? 0 : file.Length ?? (isPlain ? _packed : null);
        _entries.Add(
            new ArchiveEntry
            {
                Path = file.Path,
                IsFolder = file.IsFolder,
                Length = length,
                PackedLength = _packed,
                Modified = file.Modified,
                Crc32 = file.Crc32,
                Method = MethodOf(file),
                Memory =
                    file.IsStored ? 0
                    : file.Dictionary > 0 ? file.Dictionary
                    : OldMemory,
                IsEncrypted = file.IsEncrypted,
                // A stored entry whose sizes differ is damaged: it is listed, and only reading it fails.
                Ranges = isPlain && _packed == length ? [.. _ranges] : [],
                Ordinal = ordinal,
            }
        );
    }
}
