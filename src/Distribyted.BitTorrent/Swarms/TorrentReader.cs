using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Scheduling;
using Distribyted.BitTorrent.Storage.Pieces;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>Reads a torrent from a position on. Its demand decides what is fetched; disposing it takes the demand back.</summary>
public sealed class TorrentReader : IAsyncDisposable
{
    private const long ReportEvery = 256 * 1024; // bytes read between two reports to the scheduler

    private readonly Swarm _swarm;
    private readonly ITorrentPieces _pieces;
    private readonly PieceLayout _layout;
    private readonly long _start;
    private readonly long _length;
    private long _reportedAt;
    private long _readInOrder;
    private int _touched = -1;
    private int _pinned = -1;
    private bool _isDisposed;

    internal TorrentReader(
        Swarm swarm,
        ITorrentPieces pieces,
        PieceLayout layout,
        long id,
        long start,
        long length,
        ReaderWindow window,
        string client
    )
    {
        _swarm = swarm;
        _pieces = pieces;
        _layout = layout;
        _start = start;
        _length = length;
        Id = id;
        Window = window;
        Client = client;
    }

    /// <summary>Which client reads; shown to users.</summary>
    public string Client { get; }

    internal long Id { get; }

    internal long Start => _start;

    internal long Length => _length;

    /// <summary>Moved by the reader's own loop; read by the swarm while it holds its lock.</summary>
    internal ReaderWindow Window { get; }

    /// <summary>Whether this reader alone has read the file from its first byte to its last, in order.</summary>
    internal bool IsReadWhole => _readInOrder == _length;

    // Guarded by the swarm's lock.
    internal TaskCompletionSource? Waiter { get; set; }

    internal int BlockedOn { get; set; } = -1;

    /// <summary>When bytes of its window last came, or it last went on.</summary>
    internal long ProgressAt { get; set; }

    /// <summary>Pieces of its window, both ends included.</summary>
    internal (int First, int Last) Wanted { get; set; }

    /// <summary>Reads verified bytes, waiting for the swarm when they are not here yet.</summary>
    /// <param name="destination">Where they go.</param>
    /// <param name="offset">Bytes from the start of the file that was opened. At or past the end the result is 0.</param>
    /// <param name="cancellationToken">Takes the wait back.</param>
    /// <returns>Bytes read; before the end at least 1 and often fewer than asked.</returns>
    /// <exception cref="TorrentException">No progress in time, removed, or a piece larger than the cache.</exception>
    /// <remarks>One read at a time.</remarks>
    public async ValueTask<int> ReadAsync(Memory<byte> destination, long offset, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (offset >= _length || destination.IsEmpty)
        {
            return 0;
        }

        var position = _start + offset;
        var piece = _layout.PieceAt(position);
        var inPiece = (int)(position - _layout.StartOf(piece));
        var most = (int)Math.Min(Math.Min(destination.Length, _layout.LengthOf(piece) - inPiece), _length - offset);
        try
        {
            for (var isMissing = true; ; )
            {
                var count = await _pieces.ReadAsync(piece, inPiece, destination[..most], cancellationToken);
                if (count > 0)
                {
                    Advance(position, piece, count);
                    return count;
                }

                // Kept here from the moment it arrives until this read has copied from it: else many readers of a small cache would take
                // each other's pieces away for ever.
                if (_pinned != piece)
                {
                    _pieces.Pin(piece);
                    _pinned = piece;
                }

                isMissing = await _swarm.WaitForPieceAsync(this, piece, position, isMissing, cancellationToken);
            }
        }
        finally
        {
            if (_pinned >= 0)
            {
                _pieces.Unpin(_pinned);
                _pinned = -1;
            }
        }
    }

    /// <summary>Pins verified bytes where they lie, for a socket that can send them without a copy. Never waits.</summary>
    /// <param name="offset">Bytes from the start of the file that was opened.</param>
    /// <param name="most">Most bytes, at least 1.</param>
    /// <returns>Bytes from this place on, of one piece; length 0 when they cannot be pinned now: read them.</returns>
    /// <remarks>What was sent of them is told with <see cref="Sent"/>. One read or pin at a time.</remarks>
    public PinnedFileBytes PinBytes(long offset, long most)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (offset >= _length)
        {
            return default;
        }

        var position = _start + offset;
        var piece = _layout.PieceAt(position);
        var inPiece = (int)(position - _layout.StartOf(piece));
        most = Math.Min(Math.Min(most, _layout.LengthOf(piece) - inPiece), _length - offset);
        var pinned = _pieces.PinBytes(piece, inPiece, (int)most);
        return new PinnedFileBytes(pinned.File, pinned.Position, pinned.Memory, pinned.Length, pinned.Pin);
    }

    /// <summary>Pinned bytes were sent: they count as read.</summary>
    public void Sent(long offset, int count)
    {
        var position = _start + offset;
        Advance(position, _layout.PieceAt(position), count);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _swarm.CloseReader(this);
        }

        return default;
    }

    private void Advance(long position, int piece, int count)
    {
        if (_touched != piece)
        {
            _touched = piece;
            _pieces.Touch(piece);
        }

        _readInOrder += position - _start == _readInOrder ? count : 0;
        Window.Read(position, count, _swarm.Clock.Now);
        var next = position + count;
        if (Math.Abs(next - _reportedAt) >= ReportEvery || _layout.PieceAt(Math.Min(next, _layout.TotalLength - 1)) != piece)
        {
            _reportedAt = next;
            _swarm.ReaderMoved(this);
        }
    }
}
