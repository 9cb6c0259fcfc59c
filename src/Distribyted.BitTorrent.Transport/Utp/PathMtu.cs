namespace Distribyted.BitTorrent.Transport.Utp;

/// <summary>The longest packet that passes, headers of IP and UDP not counted. It begins with what passes nearly everywhere and tries longer ones, one at a
/// time. Pure.</summary>
/// <param name="isIPv6">Of the connection.</param>
internal sealed class PathMtu(bool isIPv6)
{
    private const int Safe = 1232; // IPv6 carries 1280 everywhere (RFC 8200, section 5): minus 40 and 8
    private const int Fine = 16; // bytes that are not worth another try

    private int _tooLong = (isIPv6 ? 1500 - 40 : 1500 - 20) - 8 + 1; // Ethernet's
    private bool _isFirst = true;

    /// <summary>Packets of this length pass.</summary>
    public int Size { get; private set; } = Safe;

    /// <summary>The length to try next; 0: none. First that of Ethernet, which most paths carry, then the middle of what is left.</summary>
    public int Next =>
        _tooLong - 1 - Size < Fine ? 0
        : _isFirst ? _tooLong - 1
        : (Size + _tooLong) / 2;

    public void Passed(int size)
    {
        Size = Math.Max(Size, size);
        _isFirst = false;
    }

    public void Failed(int size)
    {
        _tooLong = Math.Min(_tooLong, size);
        _isFirst = false;
    }
}
