using Distribyted.Archives.Formats;

namespace Distribyted.Archives.Unpacking.Zip;

/// <summary>Decrypts the traditional encryption of PKWARE (APPNOTE section 6.1). Its one check byte lets one wrong password of 256 pass.</summary>
internal sealed class ZipCryptoStream : ForwardStream
{
    private const int HeaderLength = 12;

    private readonly Stream _packed;
    private uint _key0 = 0x12345678;
    private uint _key1 = 0x23456789;
    private uint _key2 = 0x34567890;

    /// <exception cref="ArchiveException">The password does not fit.</exception>
    public ZipCryptoStream(Stream packed, string password, byte check)
    {
        _packed = packed;
        foreach (var value in System.Text.Encoding.UTF8.GetBytes(password))
        {
            Update(value);
        }

        var header = new byte[HeaderLength];
        packed.ReadExactly(header);
        Decrypt(header);
        if (header[^1] != check)
        {
            throw new ArchiveException(ArchiveFailure.PasswordNeeded, "The password does not fit.");
        }
    }

    protected override int ReadNext(Span<byte> buffer)
    {
        var read = _packed.Read(buffer);
        Decrypt(buffer[..read]);
        return read;
    }

    private void Decrypt(Span<byte> bytes)
    {
        foreach (ref var value in bytes)
        {
            var temp = (ushort)(_key2 | 2);
            value ^= (byte)((temp * (temp ^ 1)) >> 8);
            Update(value);
        }
    }

    private void Update(byte value)
    {
        _key0 = Crc32.Step(_key0, value);
        _key1 = ((_key1 + (byte)_key0) * 134775813) + 1;
        _key2 = Crc32.Step(_key2, (byte)(_key1 >> 24));
    }
}
