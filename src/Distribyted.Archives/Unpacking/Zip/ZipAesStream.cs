using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Distribyted.Archives.Formats;

namespace Distribyted.Archives.Unpacking.Zip;

/// <summary>Decrypts WinZip's AES: counter mode with a little-endian counter from 1, keys by PBKDF2 (HMAC-SHA1, 1,000 rounds), and 10 bytes of HMAC-SHA1 at the end.</summary>
internal sealed class ZipAesStream : ForwardStream
{
    private const int Rounds = 1000;
    private const int CheckLength = 2;
    private const int MacLength = 10;
    private const int BlockLength = 16;
    private const int Batch = 256; // blocks of the key stream that are made at once

    private readonly RangeStream _packed;
    private readonly Aes _aes;
    private readonly IncrementalHash _mac;
    private readonly byte[] _counters = new byte[Batch * BlockLength];
    private readonly byte[] _stream = new byte[Batch * BlockLength];
    private int _used = Batch * BlockLength;
    private ulong _counter;

    /// <param name="packed">Salt, check value, content, HMAC.</param>
    /// <param name="strength">1 to 3: a key of 128, 192 or 256 bits.</param>
    /// <param name="password">The password.</param>
    /// <exception cref="ArchiveException">It does not fit.</exception>
    public ZipAesStream(RangeStream packed, int strength, string password)
    {
        if (strength is < 1 or > 3)
        {
            throw new ArchiveException(ArchiveFailure.NotSupported, $"It is encrypted with AES of an unknown strength, {strength}.");
        }

        _packed = packed;
        var keyLength = 8 + (8 * strength);
        var salt = new byte[keyLength / 2];
        var check = new byte[CheckLength];
        packed.ReadExactly(salt);
        packed.ReadExactly(check);
        var keys = Rfc2898DeriveBytes.Pbkdf2(
            Encoding.UTF8.GetBytes(password),
            salt,
            Rounds,
            HashAlgorithmName.SHA1,
            (2 * keyLength) + CheckLength
        );
        if (!keys.AsSpan(2 * keyLength).SequenceEqual(check))
        {
            throw new ArchiveException(ArchiveFailure.PasswordNeeded, "The password does not fit.");
        }

        _aes = Aes.Create();
        _aes.Key = keys[..keyLength];
        _mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1, keys.AsSpan(keyLength, keyLength));
    }

    protected override int ReadNext(Span<byte> buffer)
    {
        var left = _packed.Left - MacLength;
        if (left <= 0)
        {
            return 0;
        }

        var read = _packed.Read(buffer[..(int)Math.Min(buffer.Length, left)]);
        _mac.AppendData(buffer[..read]);
        Decrypt(buffer[..read]);
        return read;
    }

    /// <summary>Reads what a decompressor left, and checks all of it.</summary>
    /// <exception cref="ArchiveException">It was changed.</exception>
    public void Finish()
    {
        Span<byte> rest = stackalloc byte[512];
        while (Read(rest) > 0) { }

        Span<byte> said = stackalloc byte[MacLength];
        _packed.ReadExactly(said);
        if (!CryptographicOperations.FixedTimeEquals(_mac.GetHashAndReset().AsSpan(0, MacLength), said))
        {
            throw new ArchiveException(ArchiveFailure.Damaged, "Its authentication code is not that of its bytes.");
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _aes.Dispose();
            _mac.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Decrypt(Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_used == _stream.Length)
            {
                Fill();
            }

            var count = Math.Min(bytes.Length, _stream.Length - _used);
            var key = _stream.AsSpan(_used, count);
            for (var i = 0; i < count; i++)
            {
                bytes[i] ^= key[i];
            }

            _used += count;
            bytes = bytes[count..];
        }
    }

    private void Fill()
    {
        for (var at = 0; at < _counters.Length; at += BlockLength)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(_counters.AsSpan(at), ++_counter); // the upper half stays 0
        }

        _aes.EncryptEcb(_counters, _stream, PaddingMode.None);
        _used = 0;
    }
}
