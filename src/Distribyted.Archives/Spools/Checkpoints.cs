namespace Distribyted.Archives.Spools;

/// <summary>Where the decompression of one block can go on: places that it passed, 4 MiB apart or so far that there are 128 at most, and places that the format
/// names. Guarded by the lock of <see cref="SpoolStore"/>.</summary>
internal sealed class Checkpoints
{
    /// <summary>Bytes between two of them, at least.</summary>
    public const long LeastDistance = 4 << 20;

    private const int Most = 128;

    private readonly List<Checkpoint> _passed = []; // in their order, as all lists here
    private IReadOnlyList<Checkpoint> _named = [];
    private long _distance = LeastDistance;

    /// <summary>Bytes of memory that the places take which were passed.</summary>
    public long Length { get; private set; }

    /// <summary>Whether a place that is passed now should be kept.</summary>
    public bool IsDue(long position)
    {
        return position - (Before(position)?.Position ?? 0) >= _distance;
    }

    public void Add(Checkpoint checkpoint)
    {
        _passed.Insert(IndexOf(_passed, checkpoint.Position), checkpoint);
        Length += checkpoint.State.Length;
        if (_passed.Count > Most)
        {
            _distance *= 2;
            for (var i = _passed.Count - 1; i > 0; i -= 2)
            {
                Length -= _passed[i - 1].State.Length;
                _passed.RemoveAt(i - 1);
            }
        }
    }

    /// <summary>Places that the format names, in their order.</summary>
    public void Name(IReadOnlyList<Checkpoint> places)
    {
        _named = places;
    }

    /// <summary>Forgets the places that were passed.</summary>
    public void Clear()
    {
        _passed.Clear();
        Length = 0;
    }

    /// <summary>The last place that is not behind this one; null: the start of the block.</summary>
    public Checkpoint? Before(long position)
    {
        var passed = Before(_passed, position);
        var named = Before(_named, position);
        return passed is null || named?.Position > passed.Position ? named : passed;
    }

    private static Checkpoint? Before(IReadOnlyList<Checkpoint> places, long position)
    {
        return IndexOf(places, position + 1) is > 0 and var next ? places[next - 1] : null;
    }

    // Of the first one that is not before the position.
    private static int IndexOf(IReadOnlyList<Checkpoint> places, long position)
    {
        var (low, high) = (0, places.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = places[middle].Position < position ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
