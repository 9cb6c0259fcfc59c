using System.Collections.Immutable;
using System.Globalization;
using Distribyted.Archives.Formats;
using Distribyted.Archives.Unpacking;

namespace Distribyted.Archives.Spools;

/// <summary>Gives the unpacked bytes of a block from its start, checked: the last bytes of an entry come only when its checksum and length are right. For one
/// thread at a time.</summary>
internal sealed class BlockDecoder : IDisposable
{
    /// <summary>Most bytes that come at once, and that are held back until a check was made.</summary>
    public const int ChunkLength = 64 * 1024;

    // A small file of zeros is no bomb.
    private const long HarmlessLength = 1 << 20;

    private readonly PackedBlock _block;
    private readonly Stream _stream;
    private readonly int _maxRatio;
    private readonly ImmutableArray<BlockMember> _members;
    private byte[] _ready = new byte[ChunkLength];
    private byte[] _held = new byte[ChunkLength];
    private int _readyStart;
    private int _readyEnd;
    private int _heldLength;
    private readonly long _readBefore;
    private bool _hasBegun;
    private int _member;
    private uint? _crc = 0; // null: not known, since it was begun in the middle of an entry
    private bool _isAtEnd;

    /// <param name="block">The block.</param>
    /// <param name="input">What it is read from; disposed with this one.</param>
    /// <param name="stream">Its unpacked bytes; disposed with this one.</param>
    /// <param name="maxRatio">Most unpacked bytes for each packed one.</param>
    /// <param name="from">Where the stream begins; null: at the start of the block.</param>
    public BlockDecoder(PackedBlock block, BlockInput input, Stream stream, int maxRatio, Checkpoint? from)
    {
        _block = block;
        Input = input;
        _stream = stream;
        _maxRatio = maxRatio;
        _members = block.Members;
        if (from is not null)
        {
            Position = Decoded = from.Position;
            (_crc, _readBefore) = (from.Crc32, from.BytesRead);
            while (_member < _members.Length && _members[_member].End <= from.Position)
            {
                _member++;
            }
        }
    }

    public BlockInput Input { get; }

    /// <summary>Bytes from the start of the block that <see cref="Next"/> gives next.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes from the start of the block to what the decompressor gives next: some of them may wait for a check.</summary>
    public long Decoded { get; private set; }

    /// <summary>Where it can go on, at <see cref="Decoded"/>; null: it cannot from there.</summary>
    public Checkpoint? Save()
    {
        return (_stream as IResumable)?.Save() is { } state
            ? new Checkpoint(Decoded, state, _members.IsEmpty ? 0 : _crc, _readBefore + Input.BytesRead)
            : null;
    }

    /// <summary>The next bytes, at most so many; empty: the block ends. Valid until the next call.</summary>
    /// <exception cref="ArchiveException">It does not have the length or checksum that its headers say, or is a bomb. A library's own exceptions come out
    /// as they are.</exception>
    public ReadOnlyMemory<byte> Next(int most)
    {
        if (_readyStart == _readyEnd && !_isAtEnd)
        {
            (_readyStart, _readyEnd) = (0, 0);
            if (_members.IsEmpty)
            {
                FillUnknown();
            }
            else
            {
                FillMember();
            }
        }

        var chunk = _ready.AsMemory(_readyStart, Math.Min(most, _readyEnd - _readyStart));
        _readyStart += chunk.Length;
        Position += chunk.Length;
        return chunk;
    }

    public void Dispose()
    {
        Close(_stream);
        Input.Dispose();
    }

    /// <summary>Closes what a library decompresses. One that is given up in the middle may complain about anything.</summary>
    public static void Close(Stream stream)
    {
        try
        {
            stream.Dispose();
        }
        catch (Exception)
        {
            // It is closed.
        }
    }

    private void FillMember()
    {
        if (_member == _members.Length)
        {
            _isAtEnd = true;
            return;
        }

        var member = _members[_member];
        var read = _stream.Read(_ready.AsSpan(0, (int)Math.Min(ChunkLength, member.End - Decoded)));
        if (read <= 0)
        {
            throw Damaged(string.Create(CultureInfo.InvariantCulture, $"ends after {Decoded} bytes of {_block.Length}"));
        }

        _crc = _crc is { } before ? Crc32.Append(before, _ready.AsSpan(0, read)) : null;
        Decoded += read;
        if (Decoded == member.End)
        {
            if (member.Crc32 is { } crc && _crc is { } sum && crc != sum)
            {
                throw Damaged("does not have the checksum that its header says");
            }

            _crc = 0;
            if (++_member == _members.Length && _stream.Read(_held.AsSpan(0, 1)) > 0)
            {
                throw Damaged(string.Create(CultureInfo.InvariantCulture, $"has more than the {_block.Length} bytes that its header says"));
            }
        }

        _readyEnd = read;
    }

    // Without a length the library says whether all was right, at the end: the last bytes wait for that.
    private void FillUnknown()
    {
        if (!_hasBegun)
        {
            _hasBegun = true;
            _heldLength = Read(_held);
        }

        if (_heldLength == 0)
        {
            _isAtEnd = true;
            return;
        }

        (_ready, _held) = (_held, _ready);
        _readyEnd = _heldLength;
        _heldLength = Read(_held);
    }

    private int Read(byte[] buffer)
    {
        var read = _stream.Read(buffer);
        Decoded += read;
        if (Decoded > HarmlessLength && Decoded / _maxRatio > _readBefore + Input.BytesRead)
        {
            throw TooDense(_block, _maxRatio);
        }

        return read;
    }

    /// <summary>Refuses a block whose headers say that it is a bomb.</summary>
    public static void CheckRatio(PackedBlock block, int maxRatio)
    {
        if (block.Length is { } length && length > HarmlessLength && length / maxRatio > block.PackedLength)
        {
            throw TooDense(block, maxRatio);
        }
    }

    private static ArchiveException TooDense(PackedBlock block, int maxRatio)
    {
        return new ArchiveException(
            ArchiveFailure.TooLarge,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{block.Name} unpacks to more than {maxRatio} times its packed length (archives.max_ratio), as archives do that are made to fill disks."
            )
        );
    }

    private ArchiveException Damaged(string what)
    {
        return new ArchiveException(ArchiveFailure.Damaged, $"{_block.Name} is damaged: it {what}.");
    }
}
