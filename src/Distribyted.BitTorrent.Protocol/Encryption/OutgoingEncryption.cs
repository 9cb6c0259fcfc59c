using System.Buffers.Binary;

namespace Distribyted.BitTorrent.Protocol.Encryption;

/// <summary>The encryption handshake of who dials: knows the torrent, offers methods, and lets the other side choose.</summary>
public sealed class OutgoingEncryption : EncryptionHandshake
{
    private readonly CryptoMethods _offered;
    private readonly byte[] _initial;
    private readonly byte[] _mark = new byte[VerificationLength];
    private State _state = State.Key;
    private int _pad;

    /// <param name="torrent">What is to be spoken about; it is part of the keys.</param>
    /// <param name="offered">At least one method.</param>
    /// <param name="initial">The beginning of the payload, at most 65,535 bytes: it saves a round trip.</param>
    /// <param name="pad">Bytes of each pad, 0 to 512; null: a random number.</param>
    public OutgoingEncryption(InfoHash torrent, CryptoMethods offered, ReadOnlySpan<byte> initial, int? pad = null)
        : base(pad)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(initial.Length, ushort.MaxValue, nameof(initial));
        InfoHash = torrent;
        _offered = offered;
        _initial = initial.ToArray();
        WriteKey();
    }

    private enum State
    {
        Key,
        Pad,
        Method,
        SecondPad,
    }

    private protected override bool Advance()
    {
        return _state switch
        {
            State.Key => ReadKey(),
            State.Pad => FindEndOfPad(),
            State.Method => ReadMethod(),
            _ => ReadSecondPad(),
        };
    }

    private bool ReadKey()
    {
        if (!TryTake(KeyLength, out var key))
        {
            return false;
        }

        Span<byte> secret = stackalloc byte[KeyLength];
        Keys.ComputeSecret(key, secret);
        UseCiphers(StreamKeys.OfDialler(secret, InfoHash), StreamKeys.OfListener(secret, InfoHash));
        Write(StreamKeys.SyncMark(secret));
        Write(StreamKeys.Mask(StreamKeys.Obfuscate(InfoHash), secret));
        WriteMethods(_offered);
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)_initial.Length);
        WriteEncrypted(length);
        WriteEncrypted(_initial);
        Decryptor.Apply(_mark); // the zeros of VC as they will come
        _state = State.Pad;
        return true;
    }

    private bool FindEndOfPad()
    {
        if (!TrySkipPad(_mark))
        {
            return false;
        }

        _state = State.Method;
        return true;
    }

    private bool ReadMethod()
    {
        if (!TryTakeDecrypted(4 + 2, out var bytes))
        {
            return false;
        }

        Selected = (CryptoMethods)BinaryPrimitives.ReadInt32BigEndian(bytes) & (CryptoMethods.Plaintext | CryptoMethods.Rc4);
        if ((Selected & _offered) != Selected || Selected is not (CryptoMethods.Plaintext or CryptoMethods.Rc4))
        {
            throw new ProtocolException(ProtocolError.Invalid, "Encryption handshake: the peer chose a method that was not offered.");
        }

        _pad = ReadPadLength(bytes[4..]);
        _state = State.SecondPad;
        return true;
    }

    private bool ReadSecondPad()
    {
        if (!TryTakeDecrypted(_pad, out _))
        {
            return false;
        }

        Complete(before: 0);
        return false;
    }
}
