using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Peers;

/// <summary>Whether a peer is dialled with an encryption handshake or in the clear, and whether the other way is tried when it refuses. Remembers which way worked.
/// Safe for use by many threads.</summary>
/// <remarks>
/// <para>An encryption handshake costs a round trip. With <see cref="EncryptionMode.Prefer"/> an unknown peer is dialled encrypted first, except while a
/// reader or a magnet waits for bytes: then in the clear first, which almost every peer accepts. One that others say prefers encryption is always dialled encrypted first.</para>
/// <para>A peer that refused both ways gets one of them at each later dial, in turn: who has no place for us must not be dialled twice each time.</para>
/// </remarks>
/// <param name="mode">What the user allows.</param>
internal sealed class EncryptionChoices(EncryptionMode mode)
{
    internal const int Most = 4096;

    private readonly Lock _lock = new();
    private readonly Dictionary<PeerEndPoint, Experience> _known = []; // guarded by _lock

    public EncryptionMode Mode => mode;

    /// <summary>How to dial a peer.</summary>
    /// <param name="peer">Whom.</param>
    /// <param name="isUrgent">Whether the first byte is waited for.</param>
    /// <param name="mayTryOther">Whether the other way may follow at once when the peer refuses this one.</param>
    /// <returns>Whether to encrypt.</returns>
    public bool Encrypts(PeerEndPoint peer, bool isUrgent, out bool mayTryOther)
    {
        mayTryOther = false;
        if (mode != EncryptionMode.Prefer)
        {
            return mode == EncryptionMode.Require;
        }

        lock (_lock)
        {
            if (_known.TryGetValue(peer, out var known))
            {
                mayTryOther = known.IsHearsay;
                return known.Worked ? known.WasEncrypted : !known.WasEncrypted;
            }
        }

        mayTryOther = true;
        return !isUrgent;
    }

    /// <summary>A handshake was done this way.</summary>
    public void Worked(PeerEndPoint peer, bool wasEncrypted)
    {
        Remember(peer, new Experience(wasEncrypted, Worked: true));
    }

    /// <summary>The peer was reached and no handshake was done this way.</summary>
    public void Failed(PeerEndPoint peer, bool wasEncrypted)
    {
        Remember(peer, new Experience(wasEncrypted, Worked: false));
    }

    /// <summary>A peer is said to prefer encryption (peer exchange). What was found out ourselves counts more.</summary>
    public void IsSaidToPrefer(PeerEndPoint peer)
    {
        lock (_lock)
        {
            if (mode == EncryptionMode.Prefer && _known.Count < Most)
            {
                _known.TryAdd(peer, new Experience(WasEncrypted: true, Worked: true, IsHearsay: true));
            }
        }
    }

    private void Remember(PeerEndPoint peer, Experience experience)
    {
        if (mode != EncryptionMode.Prefer)
        {
            return;
        }

        lock (_lock)
        {
            if (_known.Count >= Most && !_known.ContainsKey(peer))
            {
                _known.Clear(); // costs those who are dialled again a round trip
            }

            _known[peer] = experience;
        }
    }

    private readonly record struct Experience(bool WasEncrypted, bool Worked, bool IsHearsay = false);
}
