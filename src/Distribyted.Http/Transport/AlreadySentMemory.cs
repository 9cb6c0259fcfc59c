using System.Buffers;

namespace Distribyted.Http.Transport;

/// <summary>Memory that has a length and no bytes: what a response writer advances over when the kernel has sent the bytes already.</summary>
internal sealed class AlreadySentMemory : MemoryManager<byte>
{
    private AlreadySentMemory() { }

    public static AlreadySentMemory Instance { get; } = new();

    /// <summary>So many bytes of nothing.</summary>
    public Memory<byte> Of(int length)
    {
        return CreateMemory(length);
    }

    public override Span<byte> GetSpan()
    {
        throw new InvalidOperationException("These bytes were sent from a file; there is nothing to read or write.");
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        throw new InvalidOperationException("These bytes were sent from a file; there is nothing to pin.");
    }

    public override void Unpin() { }

    protected override void Dispose(bool disposing) { }
}
