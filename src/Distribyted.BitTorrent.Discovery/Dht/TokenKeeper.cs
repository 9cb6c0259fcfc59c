using System.Security.Cryptography;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>Makes and checks the tokens by which an announce shows that its sender can receive at its address (BEP 5). A token is good for one address and one
/// torrent, for 5 to 10 minutes. Nothing is kept for each. Not safe for use by many threads.</summary>
internal sealed class TokenKeeper
{
    /// <summary>Bytes of a token.</summary>
    public const int Length = 8;

    /// <summary>How long tokens are made with one secret; they are accepted as long again.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(16);
    private readonly byte[] _previous = RandomNumberGenerator.GetBytes(16);
    private TimeSpan _since = TimeSpan.MinValue;

    /// <summary>Writes the token of now.</summary>
    public void Make(PeerEndPoint asker, in NodeId torrent, Span<byte> token, TimeSpan now)
    {
        Rotate(now);
        Compute(_secret, asker, torrent, token);
    }

    /// <summary>Whether we gave this token to this address for this torrent.</summary>
    public bool IsValid(ReadOnlySpan<byte> token, PeerEndPoint asker, in NodeId torrent, TimeSpan now)
    {
        Rotate(now);
        Span<byte> right = stackalloc byte[Length];
        Compute(_secret, asker, torrent, right);
        if (CryptographicOperations.FixedTimeEquals(token, right))
        {
            return true;
        }

        Compute(_previous, asker, torrent, right);
        return CryptographicOperations.FixedTimeEquals(token, right);
    }

    private void Rotate(TimeSpan now)
    {
        if (_since == TimeSpan.MinValue)
        {
            _since = now;
        }

        for (var i = 0; i < 2 && now - _since >= Lifetime; i++)
        {
            _secret.CopyTo(_previous, 0);
            RandomNumberGenerator.Fill(_secret);
            _since += Lifetime;
        }

        _since = now - _since >= Lifetime ? now : _since; // no node asked for long
    }

    private static void Compute(byte[] secret, PeerEndPoint asker, in NodeId torrent, Span<byte> token)
    {
        Span<byte> text = stackalloc byte[16 + 18 + NodeId.Length];
        secret.CopyTo(text);
        var address = asker.WriteCompact(text[16..]) - 2; // without the port: it may differ
        torrent.CopyTo(text[(16 + address)..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..(16 + address + NodeId.Length)], hash);
        hash[..Length].CopyTo(token);
    }
}
