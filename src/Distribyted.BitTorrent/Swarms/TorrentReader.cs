using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Storage.Pieces;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>Reads a torrent from a position on. Its demand decides what is fetched; disposing it takes the demand back.</summary>
public sealed class TorrentReader : IAsyncDisposable
{
    private const long ReportEvery = 256 * 1024; // bytes read between two reports to the scheduler

    private readonly SwarmReaders _swarm;
    private readonly ReaderDemand _demand;
    private readonly ITorrentPieces _pieces;
    private readonly PieceLayout _layout;
    private long _reportedAt;
    private long _readInOrder;
    private int _touched = -1;
    private int _pinned = -1;
    private bool _isDisposed;

    internal TorrentReader(SwarmReaders swarm, ITorrentPieces pieces, PieceLayout layout, ReaderDemand demand, string client)
    {
        _swarm = swarm;
        _pieces = pieces;
        _layout = layout;
        _demand = demand;
        Client = client;
    }

    /// <summary>Which client reads; shown to users.</summary>
    public string Client { get; }

    private long Start => _demand.Start;

    private long Length => _demand.Length;

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
        if (offset >= Length || destination.IsEmpty)
        {
            return 0;
        }

        var position = Start + offset;
        var piece = _layout.PieceAt(position);
        var inPiece = (int)(position - _layout.StartOf(piece));
        var most = (int)Math.Min(Math.Min(destination.Length, _layout.LengthOf(piece) - inPiece), Length - offset);
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

                isMissing = await _swarm.WaitForPieceAsync(_demand, piece, position, isMissing, cancellationToken);
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
        if (offset >= Length)
        {
            return default;
        }

        var position = Start + offset;
        var piece = _layout.PieceAt(position);
        var inPiece = (int)(position - _layout.StartOf(piece));
        most = Math.Min(Math.Min(most, _layout.LengthOf(piece) - inPiece), Length - offset);
        var pinned = _pieces.PinBytes(piece, inPiece, (int)most);
        return new PinnedFileBytes(pinned.File, pinned.Position, pinned.Memory, pinned.Length, pinned.Pin);
    }

    /// <summary>Pinned bytes were sent: they count as read.</summary>
    public void Sent(long offset, int count)
    {
        var position = Start + offset;
        Advance(position, _layout.PieceAt(position), count);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _swarm.Close(_demand, isReadWhole: _readInOrder == Length);
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

        _readInOrder += position - Start == _readInOrder ? count : 0;
        _demand.Window.Read(position, count, _swarm.Clock.Now);
        var next = position + count;
        if (Math.Abs(next - _reportedAt) >= ReportEvery || _layout.PieceAt(Math.Min(next, _layout.TotalLength - 1)) != piece)
        {
            _reportedAt = next;
            _swarm.Moved(_demand);
        }
    }
}
