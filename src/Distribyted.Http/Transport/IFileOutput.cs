using Distribyted.FileSystem;

namespace Distribyted.Http.Transport;

/// <summary>A connection feature: a socket that takes bytes where they lie.</summary>
internal interface IFileOutput
{
    /// <summary>Whether the connection has ended, for whatever reason.</summary>
    bool IsOver { get; }

    /// <summary>Sends what was written and not yet flushed, and then bytes that are pinned, as far as the socket takes them. Never waits for the network.</summary>
    /// <returns>Bytes of these that were sent; when there are any, the next <see cref="System.IO.Pipelines.PipeWriter.Advance"/> of the body's
    /// writer must be by exactly as many, over memory that <see cref="IsPlaceholder"/> knows. 0: the socket is full. Below 0: it does not take
    /// such bytes, or is gone; write and flush in the common way.</returns>
    /// <param name="pinned">The bytes.</param>
    /// <param name="more">Others follow at once and may share a packet; does not hold for files.</param>
    int TrySend(in PinnedBytes pinned, bool more);

    /// <summary>Ends the connection: what was sent and what was promised cannot agree any more. What follows is not sent.</summary>
    void Cut();

    /// <summary>Whether this memory stands for bytes that the last <see cref="TrySend"/> has sent. It cannot be read or written.</summary>
    bool IsPlaceholder(ReadOnlyMemory<byte> memory);
}
