using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Distribyted.BitTorrent.Protocol.Encryption;

/// <summary>The stream cipher RC4. It hides traffic from those who look for BitTorrent; it keeps nothing secret from those who try. One direction of one
/// connection; not safe for use by several threads at once.</summary>
public sealed class Rc4
{
    private const int States = 256;

    private readonly uint[] _state = new uint[States]; // a third faster than bytes: no partial loads and stores
    private uint _x;
    private uint _y;

    /// <param name="key">1 to 256 bytes.</param>
    /// <exception cref="ArgumentException">The key is empty or too long.</exception>
    public Rc4(ReadOnlySpan<byte> key)
    {
        if (key.Length is 0 or > States)
        {
            throw new ArgumentException("A key has 1 to 256 bytes.", nameof(key));
        }

        for (var i = 0; i < States; i++)
        {
            _state[i] = (uint)i;
        }

        for (int i = 0, j = 0; i < States; i++)
        {
            j = (j + (int)_state[i] + key[i % key.Length]) % States;
            (_state[i], _state[j]) = (_state[j], _state[i]);
        }
    }

    /// <summary>Encrypts or decrypts, which is the same, and goes on behind it at the next call.</summary>
    /// <param name="bytes">Changed in place.</param>
    public void Apply(Span<byte> bytes)
    {
        Apply(bytes, bytes);
    }

    /// <summary>Encrypts or decrypts into another buffer.</summary>
    /// <param name="source">Is not changed, unless it is the destination.</param>
    /// <param name="destination">At least as long; the same memory or memory that does not overlap.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public void Apply(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (destination.Length < source.Length)
        {
            throw new ArgumentException("Too short.", nameof(destination));
        }

        ref var state = ref MemoryMarshal.GetArrayDataReference(_state);
        var (x, y) = (_x, _y);
        var at = 0;

        // Eight bytes of the stream at a time: bytes are read and written as one word.
        for (; at <= source.Length - sizeof(ulong); at += sizeof(ulong))
        {
            ulong stream = Next(ref state, ref x, ref y);
            stream |= (ulong)Next(ref state, ref x, ref y) << 8;
            stream |= (ulong)Next(ref state, ref x, ref y) << 16;
            stream |= (ulong)Next(ref state, ref x, ref y) << 24;
            stream |= (ulong)Next(ref state, ref x, ref y) << 32;
            stream |= (ulong)Next(ref state, ref x, ref y) << 40;
            stream |= (ulong)Next(ref state, ref x, ref y) << 48;
            stream |= (ulong)Next(ref state, ref x, ref y) << 56;
            stream = BitConverter.IsLittleEndian ? stream : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(stream);
            MemoryMarshal.Write(destination[at..], MemoryMarshal.Read<ulong>(source[at..]) ^ stream);
        }

        for (; at < source.Length; at++)
        {
            destination[at] = (byte)(source[at] ^ Next(ref state, ref x, ref y));
        }

        (_x, _y) = (x, y);
    }

    /// <summary>Drops the next bytes of the stream.</summary>
    /// <param name="count">How many; the first ones of RC4 say something about the key.</param>
    public void Skip(int count)
    {
        ref var state = ref MemoryMarshal.GetArrayDataReference(_state);
        for (var i = 0; i < count; i++)
        {
            Next(ref state, ref _x, ref _y);
        }
    }

    // Indexes are below 256 by the casts, and the table has 256 entries.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Next(ref uint state, ref uint x, ref uint y)
    {
        unchecked
        {
            x = (byte)(x + 1);
            ref var first = ref Unsafe.Add(ref state, x);
            var a = first;
            y = (byte)(y + a);
            ref var second = ref Unsafe.Add(ref state, y);
            var b = second;
            first = b;
            second = a;
            return Unsafe.Add(ref state, (uint)(byte)(a + b));
        }
    }
}
