using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Distribyted.BitTorrent.Protocol.Encryption;

/// <summary>One side of the handshake of Message Stream Encryption (MSE/PE), which hides that a connection is BitTorrent. Bytes go in and come out; who owns the
/// connection moves them. The two sides derive from this: <see cref="OutgoingEncryption"/> and <see cref="IncomingEncryption"/>.</summary>
/// <remarks>
/// <code>
/// dials  1: Ya, PadA
/// listens 2: Yb, PadB
/// dials  3: HASH('req1', S), HASH('req2', info hash) xor HASH('req3', S), RC4(VC, crypto_provide, len(PadC), PadC, len(IA), IA)
/// listens 4: RC4(VC, crypto_select, len(PadD), PadD), payload
/// </code>
/// <para>Ya and Yb are Diffie-Hellman keys of 96 bytes, S is the secret that they give, VC are eight zeros, pads have 0 to 512 bytes, IA is the beginning of the
/// payload. The end of PadA is found by the hash that follows it, the end of PadB by the encrypted VC.</para>
/// <para>Keeps at most what one side may send in its handshake, 67 KB, and that only as it arrives. Not safe for use by several threads at once.</para>
/// </remarks>
public abstract class EncryptionHandshake
{
    /// <summary>Longest pad.</summary>
    public const int MaxPad = 512;

    private protected const int KeyLength = KeyExchange.KeyLength;
    private protected const int VerificationLength = 8; // VC
    private const int FirstBuffer = 1024;

    private readonly int? _pad;
    private readonly ArrayBufferWriter<byte> _output = new();
    private byte[] _received = new byte[FirstBuffer];
    private int _have;
    private int _at; // what is before it was processed
    private int _payload; // where the payload begins
    private Rc4? _encryptor;
    private Rc4? _decryptor;

    /// <param name="pad">Bytes of each pad that is sent; null: a random number.</param>
    private protected EncryptionHandshake(int? pad)
    {
        _pad = pad;
    }

    /// <summary>Whether the handshake is done. Then <see cref="Received"/> is what came of the payload, and <see cref="Selected"/> says how it goes on.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>How the payload is sent, in both directions.</summary>
    public CryptoMethods Selected { get; private protected set; }

    /// <summary>The torrent that the connection is for. On the dialled side it is known once the handshake is complete.</summary>
    public InfoHash InfoHash { get; private protected set; }

    /// <summary>What came of the payload so far, decrypted. Empty before the handshake is complete.</summary>
    public ReadOnlyMemory<byte> Received => IsComplete ? _received.AsMemory(_payload, _have - _payload) : default;

    /// <summary>The cipher of what is sent from now on.</summary>
    public Rc4 Encryptor => _encryptor ?? throw new InvalidOperationException("The keys are not known yet.");

    /// <summary>The cipher of what is received from now on.</summary>
    public Rc4 Decryptor => _decryptor ?? throw new InvalidOperationException("The keys are not known yet.");

    /// <summary>Made when they are needed: they cost a third of a millisecond, and who only connects is not worth it.</summary>
    private protected KeyExchange Keys => field ??= new KeyExchange();

    private protected ReadOnlySpan<byte> Unprocessed => _received.AsSpan(_at, _have - _at);

    /// <summary>Takes what is to be sent now; empty: nothing.</summary>
    public byte[] TakeOutput()
    {
        var output = _output.WrittenSpan.ToArray();
        _output.ResetWrittenCount();
        return output;
    }

    /// <summary>Processes bytes that the other side has sent.</summary>
    /// <exception cref="ProtocolException">It does not speak this protocol, or asks for what is refused here. The connection is to end.</exception>
    public void Receive(ReadOnlySpan<byte> bytes)
    {
        if (_received.Length - _have < bytes.Length)
        {
            Array.Resize(ref _received, Math.Max(_received.Length * 2, _have + bytes.Length));
        }

        bytes.CopyTo(_received.AsSpan(_have));
        _have += bytes.Length;
        if (IsComplete)
        {
            Decrypt(_received.AsSpan(_have - bytes.Length, bytes.Length));
            return;
        }

        while (!IsComplete && Advance()) { }
    }

    /// <summary>Adds payload to what is sent next, as the sides have agreed.</summary>
    /// <exception cref="InvalidOperationException">The handshake is not complete.</exception>
    public void Send(ReadOnlySpan<byte> payload)
    {
        if (!IsComplete)
        {
            throw new InvalidOperationException("The handshake is not complete.");
        }

        if (Selected == CryptoMethods.Rc4)
        {
            WriteEncrypted(payload);
        }
        else
        {
            _output.Write(payload);
        }
    }

    /// <summary>Processes the next part, if it is here.</summary>
    /// <returns>Whether there may be more.</returns>
    private protected abstract bool Advance();

    /// <summary>Finds where a pad of the other side ends.</summary>
    /// <param name="mark">What follows the pad.</param>
    /// <returns>False: more bytes are needed.</returns>
    /// <exception cref="ProtocolException">It is longer than pads are.</exception>
    private protected bool TrySkipPad(ReadOnlySpan<byte> mark)
    {
        var window = Unprocessed[..Math.Min(Unprocessed.Length, MaxPad + mark.Length)];
        var found = window.IndexOf(mark);
        if (found < 0)
        {
            return window.Length < MaxPad + mark.Length
                ? false
                : throw new ProtocolException(ProtocolError.Malformed, "Encryption handshake: no end of the pad within 512 bytes.");
        }

        _at += found + mark.Length;
        return true;
    }

    /// <summary>Takes bytes as they came.</summary>
    private protected bool TryTake(int length, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (Unprocessed.Length < length)
        {
            return false;
        }

        bytes = Unprocessed[..length];
        _at += length;
        return true;
    }

    /// <summary>Takes bytes and decrypts them.</summary>
    private protected bool TryTakeDecrypted(int length, out ReadOnlySpan<byte> bytes)
    {
        if (!TryTake(length, out bytes))
        {
            return false;
        }

        Decryptor.Apply(_received.AsSpan(_at - length, length));
        return true;
    }

    private protected void UseCiphers(Rc4 encryptor, Rc4 decryptor)
    {
        (_encryptor, _decryptor) = (encryptor, decryptor);
    }

    private protected void WriteKey()
    {
        _output.Write(Keys.PublicKey);
        var pad = _output.GetSpan(MaxPad)[..PadLength()];
        RandomNumberGenerator.Fill(pad);
        _output.Advance(pad.Length);
    }

    private protected void Write(InfoHash hash)
    {
        hash.CopyTo(_output.GetSpan(InfoHash.Length));
        _output.Advance(InfoHash.Length);
    }

    private protected void WriteEncrypted(ReadOnlySpan<byte> bytes)
    {
        Encryptor.Apply(bytes, _output.GetSpan(Math.Max(1, bytes.Length)));
        _output.Advance(bytes.Length);
    }

    /// <summary>Writes VC, what is offered or chosen, and a pad of zeros.</summary>
    private protected void WriteMethods(CryptoMethods methods)
    {
        var pad = PadLength();
        Span<byte> bytes = stackalloc byte[VerificationLength + 4 + 2 + pad];
        bytes.Clear();
        BinaryPrimitives.WriteInt32BigEndian(bytes[VerificationLength..], (int)methods);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[(VerificationLength + 4)..], (ushort)pad);
        WriteEncrypted(bytes);
    }

    /// <summary>The handshake is done, and the payload begins some bytes before what was not processed yet.</summary>
    /// <param name="before">Bytes of payload that were decrypted already.</param>
    private protected void Complete(int before)
    {
        _payload = _at - before;
        IsComplete = true;
        Decrypt(_received.AsSpan(_at, _have - _at));
    }

    /// <summary>The length of a pad, before it is believed.</summary>
    private protected static int ReadPadLength(ReadOnlySpan<byte> bytes)
    {
        int length = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return length <= MaxPad
            ? length
            : throw new ProtocolException(ProtocolError.TooLarge, $"Encryption handshake: a pad of {length} bytes; 512 are the most.");
    }

    private int PadLength()
    {
        return _pad ?? RandomNumberGenerator.GetInt32(MaxPad + 1);
    }

    private void Decrypt(Span<byte> payload)
    {
        if (Selected == CryptoMethods.Rc4)
        {
            Decryptor.Apply(payload);
        }
    }
}
