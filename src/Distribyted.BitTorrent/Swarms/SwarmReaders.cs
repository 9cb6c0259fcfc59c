using System.Diagnostics.CodeAnalysis;
using Distribyted.BitTorrent.Peers;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>What readers ask of their swarm. Called without the lock; safe for use by many threads.</summary>
internal sealed class SwarmReaders(
    SwarmState state,
    ReaderTable readers,
    NextFileGuesses guesses,
    SwarmDemand demand,
    PeerInterest interest,
    PeerTable peers,
    PeerDials dials
)
{
    private bool _isClosing;

    public MonotonicClock Clock => state.Clock;

    /// <summary>Open readers.</summary>
    public int Count
    {
        get
        {
            using var section = state.Lock.Enter();
            return readers.Count;
        }
    }

    /// <summary>Whether a reader waits for a piece.</summary>
    public bool IsOneBlocked
    {
        get
        {
            using var section = state.Lock.Enter();
            return readers.IsStarved(0, section.Now);
        }
    }

    /// <summary>Opens a reader; null when the swarm is closed or about to be, or there is no metadata.</summary>
    /// <param name="start">First byte of its file in the torrent.</param>
    /// <param name="length">Bytes of its file.</param>
    /// <param name="position">Where reading starts, bytes from the start of the file.</param>
    /// <param name="expected">Bytes that will be read at most; null: not known.</param>
    /// <param name="client">Who reads, for users.</param>
    public TorrentReader? TryOpen(long start, long length, long position, long? expected, string client)
    {
        using var section = state.Lock.Enter();
        var now = section.Now;
        if (state.HasEnded || _isClosing || state.Content is not { } content)
        {
            return null;
        }

        state.LastUsedAt = now;
        var reader = readers.Open(start, length, position, expected, now, client);
        demand.Update(now);
        interest.ShowToAll(now);
        guesses.Opened(start, now);
        dials.Dial(now);
        return new TorrentReader(this, content.Pieces, content.Layout, reader, client);
    }

    /// <summary>The reader went on; its window moves with it.</summary>
    public void Moved(ReaderDemand reader)
    {
        using var section = state.Lock.Enter();
        if (readers.Contains(reader))
        {
            state.LastUsedAt = section.Now;
            readers.Moved(reader, section.Now);
        }
    }

    /// <param name="reader">Is not used any more.</param>
    /// <param name="isReadWhole">Whether it has read its file from the first byte to the last, in order.</param>
    public void Close(ReaderDemand reader, bool isReadWhole)
    {
        using var section = state.Lock.Enter();
        if (readers.Close(reader, section.Now))
        {
            state.LastUsedAt = section.Now;
            demand.Update(section.Now);
            if (isReadWhole)
            {
                guesses.ReadWhole(reader.Start, section.Now);
            }
        }
    }

    /// <summary>Waits until the piece is here (or the reader should look again).</summary>
    /// <param name="reader">Who waits.</param>
    /// <param name="piece">For what.</param>
    /// <param name="position">The byte that is read next, from the start of the torrent.</param>
    /// <param name="isMissing">False: the store says that it has the piece and did not give it. Then it is asked again with the next heartbeat and not
    /// at once: a store that keeps contradicting itself must not cost a processor.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What to say the next time: false when the piece was here without waiting.</returns>
    /// <exception cref="TorrentException">No progress in time, closed, or a piece that never fits.</exception>
    public async Task<bool> WaitForPieceAsync(
        ReaderDemand reader,
        int piece,
        long position,
        bool isMissing,
        CancellationToken cancellationToken
    )
    {
        if (!TryBlock(reader, piece, position, isMissing, out var arrival))
        {
            return false;
        }

        try
        {
            await arrival.WaitAsync(cancellationToken);
            return true;
        }
        finally
        {
            using var section = state.Lock.Enter();
            readers.Unblock(reader, section.Now);
            demand.Update(section.Now);
        }
    }

    /// <summary>No reader may come any more; false when there is one.</summary>
    public bool TryClose()
    {
        using var section = state.Lock.Enter();
        _isClosing |= readers.Count == 0;
        return _isClosing;
    }

    /// <summary>Begins a wait; false: the piece is here.</summary>
    private bool TryBlock(ReaderDemand reader, int piece, long position, bool isMissing, [NotNullWhen(true)] out Task? arrival)
    {
        using var section = state.Lock.Enter();
        if (!readers.Contains(reader))
        {
            throw TorrentException.Ended(state.InfoHash, state.EndedBy ?? TorrentFailure.Closing);
        }

        arrival = null;
        if (isMissing && state.Content!.Pieces.Has(piece))
        {
            return false;
        }

        arrival = readers.Block(reader, piece, position, section.Now);
        demand.Update(section.Now);
        if (peers.Count < SwarmDemand.IdlePeers)
        {
            dials.Dial(section.Now);
            state.Torrent.PeersWanted();
        }

        return true;
    }
}
