namespace Distribyted.BitTorrent.Transport.Utp;

/// <summary>How many bytes may be on their way (LEDBAT, RFC 6817): more while packets do not wait in queues, fewer when they wait for longer than the target,
/// half after a loss. Pure.</summary>
internal sealed class CongestionWindow
{
    private const long SlowStartDelay = UtpLimits.TargetDelay / 2; // the queue grows on for a round trip after that

    // Of the window, per round trip, above the target: a part of itself, as in LEDBAT++ (draft-irtf-iccrg-ledbat-plus-plus). In the RFC it is so many bytes, and
    // round trips are long when a TCP stream fills the queue: on a line of 20 Mbit/s that stream had three quarters of it after 20 s, now all of it after 5 s.
    private const double MostDecrease = 0.5;

    private double _threshold = double.MaxValue;
    private double _size;
    private bool _isSlowStart = true;

    /// <param name="packet">Bytes of a full packet.</param>
    public CongestionWindow(int packet)
    {
        Packet = packet;
        _size = UtpLimits.FirstWindow * packet;
    }

    /// <summary>Bytes of a full packet.</summary>
    public int Packet { get; set; }

    public int Size => (int)_size;

    public bool IsSlowStart => _isSlowStart;

    /// <summary>Packets arrived.</summary>
    /// <param name="bytes">What was acknowledged.</param>
    /// <param name="delay">Microseconds that they waited in queues.</param>
    /// <param name="isFull">Whether the window was what kept more from being sent; else nothing is known about a larger one.</param>
    public void Acknowledged(int bytes, long delay, bool isFull)
    {
        var offTarget = (double)(UtpLimits.TargetDelay - delay) / UtpLimits.TargetDelay;
        _isSlowStart &= delay < SlowStartDelay && _size < _threshold;
        if (offTarget > 0 && !isFull)
        {
            return;
        }

        var gain =
            _isSlowStart ? bytes
            : offTarget > 0 ? UtpLimits.GainPerRoundTrip * offTarget * bytes / _size
            : Math.Max(offTarget, -MostDecrease) * bytes;
        Resize(_size + gain);
    }

    /// <summary>A packet was lost. Called once for the packets of one round trip.</summary>
    public void Lost()
    {
        Resize(_size * UtpLimits.LossMultiplier / 100);
        _threshold = _size;
        _isSlowStart = false;
    }

    /// <summary>Nothing was heard for so long that all that is on its way counts as lost.</summary>
    public void TimedOut()
    {
        _threshold = Math.Max(_size / 2, UtpLimits.LeastWindow * Packet);
        _size = Packet;
        _isSlowStart = true;
    }

    /// <summary>Nothing was sent for a while: what was known of the path is old (RFC 5681, section 4.1).</summary>
    public void Idle()
    {
        var first = (double)UtpLimits.FirstWindow * Packet;
        if (_size > first)
        {
            _threshold = _size;
            _size = first;
            _isSlowStart = true;
        }
    }

    private void Resize(double size)
    {
        _size = Math.Clamp(size, UtpLimits.LeastWindow * Packet, UtpLimits.SendBuffer);
    }
}
