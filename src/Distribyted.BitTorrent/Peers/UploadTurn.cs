using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Peers;

/// <summary>One connection's place in the queue for the upload limit: bytes are reserved first, and sent when their time has come.</summary>
/// <remarks>Who reserves first sends first. Used by the connection's sender; <see cref="GiveBack"/> may be called by anyone.</remarks>
internal sealed class UploadTurn(RateLimiter limiter)
{
    private long _reserved;
    private long _dueAt;

    /// <summary>Most blocks of the next send.</summary>
    public int Blocks { get; } = UploadBatch.BlocksAt(limiter.BytesPerSecond);

    /// <summary>How long to wait before the next send; zero: it may go now. Reserves its bytes when none are reserved.</summary>
    public TimeSpan Wait()
    {
        if (!limiter.IsLimited)
        {
            return TimeSpan.Zero;
        }

        if (Interlocked.Read(ref _reserved) == 0)
        {
            var bytes = (long)Blocks * PieceLayout.BlockLength;
            _dueAt = limiter.Reserve(bytes);
            Interlocked.Exchange(ref _reserved, bytes);
        }

        return limiter.Until(_dueAt);
    }

    /// <summary>So many bytes were sent; the rest of the reservation goes back.</summary>
    public void Used(long bytes)
    {
        limiter.Take(bytes - Interlocked.Exchange(ref _reserved, 0));
    }

    /// <summary>Nothing will be sent.</summary>
    public void GiveBack()
    {
        Used(0);
    }
}
