using Distribyted.Archives.Volumes;

namespace Distribyted.Archives.Formats.Rar;

/// <summary>Walks the blocks of a RAR archive from volume to volume, over their data, and makes its index.</summary>
/// <remarks>
/// A read costs a piece of a torrent, and a film in 50 volumes has 50 file headers. Two rules keep the reads few: behind an entry that goes on in the next volume nothing
/// is looked for; and volumes that one stored entry fills are not read when the sizes prove what is in them.
/// </remarks>
internal sealed class RarIndexReader
{
    // What unpacks itself has its archive behind the program; those of WinRAR have 60 to 400 KiB.
    private const int MaxProgramLength = 1024 * 1024;

    // Behind the data stands no more than an end block: it has at most 20 bytes in RAR 4 and 8 in RAR 5, where any other block adds 16 at least.
    private const int MaxEndLength = 20;

    private readonly IArchiveSource _source;
    private readonly ArchiveLimits _limits;
    private readonly HeaderReader _headers;
    private readonly RarEntries _entries;
    private IRarHeaders? _blocks;
    private int _version;
    private bool _isSolid;

    // The entry whose sizes proved nothing: not tried again for each of its volumes.
    private string? _uneven;

    public RarIndexReader(IArchiveSource source, ArchiveLimits limits)
    {
        _source = source;
        _limits = limits;
        _headers = new HeaderReader(source, limits.MaxHeaderBytes);
        _entries = new RarEntries(source, limits.MaxEntries);
    }

    public async ValueTask<ArchiveIndex> ReadAsync(CancellationToken cancellationToken)
    {
        for (int? volume = 0; volume is { } current; )
        {
            if (current >= _source.Volumes)
            {
                throw Missing(current);
            }

            volume = await ReadVolumeAsync(current, cancellationToken);
        }

        return _entries.Finish(_isSolid);
    }

    /// <returns>The volume to read next; null: the archive ends.</returns>
    private async ValueTask<int?> ReadVolumeAsync(int volume, CancellationToken cancellationToken)
    {
        var offset = await StartAsync(volume, cancellationToken);
        var isVolume = false;
        var isFull = true; // has nothing before its first file but the main header
        while (await _blocks!.ReadBlockAsync(volume, offset, cancellationToken) is { } block)
        {
            switch (block.Kind)
            {
                case RarBlockKind.Main:
                    CheckNumber(block, volume);
                    _isSolid |= block.IsSolid;
                    isVolume |= block.IsVolume;
                    break;
                case RarBlockKind.File:
                    _entries.Add(block.File!, volume, block.DataOffset, block.DataLength);
                    if (_entries.IsTruncated)
                    {
                        return null;
                    }

                    if (_entries.Open is { } open)
                    {
                        return volume + 1 + (isFull ? await SkipFullVolumesAsync(volume, block, open, cancellationToken) : 0);
                    }

                    isFull = false;
                    break;
                case RarBlockKind.End:
                    return block.MoreVolumes ? volume + 1 : null;
                default:
                    isFull = false;
                    break;
            }

            // Not past the end: two lengths below 2^63 may be more together.
            offset =
                block.DataLength < _source.LengthOf(volume) - block.DataOffset
                    ? block.DataOffset + block.DataLength
                    : _source.LengthOf(volume);
        }

        // Volumes of RAR 2 have no end block.
        return isVolume && volume + 1 < _source.Volumes ? volume + 1 : null;
    }

    /// <summary>Where the first block of a volume is.</summary>
    private async ValueTask<long> StartAsync(int volume, CancellationToken cancellationToken)
    {
        var head = await _headers.PeekAsync(volume, 0, RarSignature.Length, cancellationToken);
        var start = 0;
        if (volume == 0 && RarSignature.IsProgram(head.Span))
        {
            head = await _headers.PeekAsync(volume, 0, MaxProgramLength + RarSignature.Length, cancellationToken);
            start = RarSignature.IndexIn(head.Span);
            start = start is >= 0 and <= MaxProgramLength ? start : 0;
        }

        var version = RarSignature.VersionOf(head.Span[start..]);
        if (version == 0 || (_blocks is not null && version != _version))
        {
            throw new ArchiveException(
                volume == 0 ? ArchiveFailure.NotSupported : ArchiveFailure.Damaged,
                $"{_source.NameOf(volume)} is not a {(volume == 0 ? "RAR archive" : "volume of this RAR archive")}."
            );
        }

        _version = version;
        _blocks ??= version == 5 ? new Rar5Headers(_headers, _limits.Passwords) : new Rar4Headers(_headers, _limits.Passwords);
        _blocks.StartVolume();
        return start + RarSignature.LengthOf(version);
    }

    /// <summary>How many of the next volumes hold nothing but a part of the open entry; these parts are added.</summary>
    /// <remarks>
    /// This volume holds a middle part and nothing else but what each volume must have. If the following volumes have as many bytes beside their parts (and those of a
    /// longer volume number), then what the volume behind them holds is exactly the rest of the entry: they cannot have fewer, and if one had more, the sum would not be
    /// right. Where a header would be longer or shorter for its own length of data, that volume is read.
    /// </remarks>
    private async ValueTask<int> SkipFullVolumesAsync(int volume, RarBlock block, RarFile open, CancellationToken cancellationToken)
    {
        if (
            open is not { ContinuesBefore: true, IsStored: true, IsEncrypted: false, Length: { } length }
            || block.DataLength == 0
            || _source.LengthOf(volume) - block.DataOffset - block.DataLength > MaxEndLength
            || string.Equals(open.Path, _uneven, StringComparison.Ordinal)
        )
        {
            return 0;
        }

        var parts = new List<long>();
        var rest = length - _entries.Packed;
        for (var next = volume + 1; next + 1 < _source.Volumes; next++)
        {
            var part = block.DataLength + _source.LengthOf(next) - _source.LengthOf(volume) - GrowthFrom(volume, next);
            if (part <= 0 || part >= rest || (block.LengthBytes > 0 && Vint.LengthOf((ulong)part) != block.LengthBytes))
            {
                break;
            }

            parts.Add(part);
            rest -= part;
        }

        if (parts.Count == 0)
        {
            return 0;
        }

        if (!await HoldsRestAsync(volume + parts.Count + 1, rest, open, cancellationToken))
        {
            _uneven = open.Path;
            return 0;
        }

        for (var i = 0; i < parts.Count; i++)
        {
            var skipped = volume + 1 + i;
            _entries.AddPart(skipped, block.DataOffset + GrowthFrom(volume, skipped), parts[i]);
        }

        return parts.Count;
    }

    private int GrowthFrom(int volume, int next)
    {
        return _blocks!.NumberGrowth(next) - _blocks.NumberGrowth(volume);
    }

    private async ValueTask<bool> HoldsRestAsync(int volume, long rest, RarFile open, CancellationToken cancellationToken)
    {
        var offset = await StartAsync(volume, cancellationToken);
        while (await _blocks!.ReadBlockAsync(volume, offset, cancellationToken) is { } block)
        {
            if (block.Kind == RarBlockKind.File)
            {
                return block.DataLength == rest
                    && block.File is { ContinuesBefore: true, ContinuesAfter: false }
                    && string.Equals(block.File.Path, open.Path, StringComparison.Ordinal);
            }

            // Anything with data before the entry is not what a full volume looks like.
            if (block.Kind == RarBlockKind.End || block.DataLength > 0)
            {
                return false;
            }

            offset = block.DataOffset;
        }

        return false;
    }

    private void CheckNumber(RarBlock block, int volume)
    {
        if (block.VolumeNumber is { } number && number != (ulong)volume)
        {
            throw new ArchiveException(
                ArchiveFailure.VolumeMissing,
                $"{_source.NameOf(volume)} is volume {number + 1} of its archive and not {volume + 1}: a volume before it is missing."
            );
        }
    }

    private ArchiveException Missing(int volume)
    {
        return new ArchiveException(
            ArchiveFailure.VolumeMissing,
            VolumeName.TryParse(_source.NameOf(volume - 1), out var last)
                ? $"{last.NameOf(last.Number + 1)} is missing: the archive goes on after {_source.NameOf(volume - 1)}."
                : $"Volume {volume + 1} is missing: the archive goes on after {_source.NameOf(volume - 1)}."
        );
    }
}
