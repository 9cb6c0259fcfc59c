using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Distribyted.BitTorrent.Storage.Assembly;

/// <summary>A 64-bit hash with a key that is not known outside this process: tells two versions of a block apart at memory speed.</summary>
/// <remarks>Multiply and fold 128 bits, 16 bytes a step. Good for comparing, not for signing.</remarks>
internal static class KeyedHash
{
    private static readonly ulong Seed = RandomKey();
    private static readonly ulong Left = RandomKey();
    private static readonly ulong Right = RandomKey();

    public static ulong Compute(ReadOnlySpan<byte> data)
    {
        var state = Seed ^ (ulong)data.Length;
        while (data.Length >= 16)
        {
            var a = BinaryPrimitives.ReadUInt64LittleEndian(data);
            var b = BinaryPrimitives.ReadUInt64LittleEndian(data[8..]);
            state = Fold(a ^ Left, b ^ Right ^ state) ^ state;
            data = data[16..];
        }

        Span<byte> tail = stackalloc byte[16];
        tail.Clear();
        data.CopyTo(tail);
        var x = BinaryPrimitives.ReadUInt64LittleEndian(tail);
        var y = BinaryPrimitives.ReadUInt64LittleEndian(tail[8..]);
        state = Fold(x ^ Left, y ^ Right ^ state) ^ state;
        return Fold(state ^ Right, Left);
    }

    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }

    private static ulong RandomKey()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes) | 1;
    }
}
