using System.Collections.Immutable;
using Distribyted.Archives.Formats;

namespace Distribyted.Archives.Volumes;

/// <summary>Volumes that are pieces of one file, as one volume.</summary>
internal sealed class JoinedSource : IArchiveSource
{
    private readonly IArchiveSource _pieces;

    // Where each piece begins, and where the last one ends.
    private readonly long[] _starts;

    public JoinedSource(IArchiveSource pieces)
    {
        _pieces = pieces;
        _starts = new long[pieces.Volumes + 1];
        for (var piece = 0; piece < pieces.Volumes; piece++)
        {
            _starts[piece + 1] = _starts[piece] + pieces.LengthOf(piece);
        }
    }

    public int Volumes => 1;

    public string NameOf(int volume)
    {
        return _pieces.NameOf(0);
    }

    public long LengthOf(int volume)
    {
        return _starts[^1];
    }

    public async ValueTask<int> ReadAsync(int volume, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var done = 0;
        for (var piece = PieceAt(offset); piece < _pieces.Volumes && done < destination.Length; piece++)
        {
            var part = destination[done..];
            var at = offset + done - _starts[piece];
            var read = await _pieces.ReadAsync(
                piece,
                at,
                part[..(int)Math.Min(part.Length, _pieces.LengthOf(piece) - at)],
                cancellationToken
            );
            done += read;
            if (at + read < _pieces.LengthOf(piece))
            {
                break;
            }
        }

        return done;
    }

    /// <summary>The same bytes as ranges of the pieces.</summary>
    public ImmutableArray<StoredRange> Split(ImmutableArray<StoredRange> ranges)
    {
        var split = ImmutableArray.CreateBuilder<StoredRange>(ranges.Length);
        foreach (var range in ranges)
        {
            var (offset, left) = (range.Offset, range.Length);
            for (var piece = PieceAt(offset); left > 0; piece++)
            {
                var length = Math.Min(left, _starts[piece + 1] - offset);
                if (length > 0)
                {
                    split.Add(new StoredRange(piece, offset - _starts[piece], length));
                }

                (offset, left) = (offset + length, left - length);
            }
        }

        return split.ToImmutable();
    }

    private int PieceAt(long offset)
    {
        var found = Array.BinarySearch(_starts, offset);
        return found >= 0 ? found : ~found - 1;
    }
}
