using System.Buffers.Binary;

namespace Distribyted.BitTorrent.Protocol.Encryption;

/// <summary>The encryption handshake of who was dialled: finds out which torrent is meant, and chooses a method.</summary>
public sealed class IncomingEncryption : EncryptionHandshake
{
    private readonly CryptoMethods _allowed;
    private readonly Func<InfoHash, InfoHash?> _reveal;
    private readonly byte[] _secret = new byte[KeyLength];
    private State _state = State.Key;
    private CryptoMethods _offered;
    private int _length; // of what comes next

    /// <param name="allowed">Methods that are accepted; plaintext is preferred, since it costs nothing.</param>
    /// <param name="reveal">The torrent of a name that <see cref="StreamKeys.Obfuscate"/> made, or null: it is not here.</param>
    /// <param name="pad">Bytes of each pad, 0 to 512; null: a random number.</param>
    public IncomingEncryption(CryptoMethods allowed, Func<InfoHash, InfoHash?> reveal, int? pad = null)
        : base(pad)
    {
        _allowed = allowed;
        _reveal = reveal;
    }

    private enum State
    {
        Key,
        Pad,
        Torrent,
        Methods,
        SecondPad,
        InitialPayload,
    }

    private protected override bool Advance()
    {
        return _state switch
        {
            State.Key => ReadKey(),
            State.Pad => FindEndOfPad(),
            State.Torrent => ReadTorrent(),
            State.Methods => ReadMethods(),
            State.SecondPad => ReadSecondPad(),
            _ => ReadInitialPayload(),
        };
    }

    private bool ReadKey()
    {
        if (!TryTake(KeyLength, out var key))
        {
            return false;
        }

        Keys.ComputeSecret(key, _secret);
        WriteKey();
        _state = State.Pad;
        return true;
    }

    private bool FindEndOfPad()
    {
        Span<byte> mark = stackalloc byte[InfoHash.Length];
        StreamKeys.SyncMark(_secret).CopyTo(mark);
        if (!TrySkipPad(mark))
        {
            return false;
        }

        _state = State.Torrent;
        return true;
    }

    private bool ReadTorrent()
    {
        if (!TryTake(InfoHash.Length, out var masked))
        {
            return false;
        }

        InfoHash =
            _reveal(StreamKeys.Mask(new InfoHash(masked), _secret))
            ?? throw new ProtocolException(ProtocolError.Invalid, "Encryption handshake: for a torrent that is not here.");
        UseCiphers(StreamKeys.OfListener(_secret, InfoHash), StreamKeys.OfDialler(_secret, InfoHash));
        _state = State.Methods;
        return true;
    }

    private bool ReadMethods()
    {
        if (!TryTakeDecrypted(VerificationLength + 4 + 2, out var bytes))
        {
            return false;
        }

        if (bytes[..VerificationLength].ContainsAnyExcept((byte)0))
        {
            throw new ProtocolException(ProtocolError.Malformed, "Encryption handshake: the verification constant is wrong.");
        }

        _offered = (CryptoMethods)BinaryPrimitives.ReadInt32BigEndian(bytes[VerificationLength..]) & _allowed;
        if (_offered == CryptoMethods.None)
        {
            throw new ProtocolException(ProtocolError.Unsupported, "Encryption handshake: the peer offers no method that is allowed here.");
        }

        _length = ReadPadLength(bytes[(VerificationLength + 4)..]) + 2;
        _state = State.SecondPad;
        return true;
    }

    private bool ReadSecondPad()
    {
        if (!TryTakeDecrypted(_length, out var bytes))
        {
            return false;
        }

        _length = BinaryPrimitives.ReadUInt16BigEndian(bytes[^2..]);
        _state = State.InitialPayload;
        return true;
    }

    private bool ReadInitialPayload()
    {
        if (!TryTakeDecrypted(_length, out _))
        {
            return false;
        }

        Selected = _offered.HasFlag(CryptoMethods.Plaintext) ? CryptoMethods.Plaintext : CryptoMethods.Rc4;
        WriteMethods(Selected);
        Complete(before: _length);
        return false;
    }
}
