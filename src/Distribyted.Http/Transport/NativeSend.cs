using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Distribyted.Http.Transport;

/// <summary>The two calls of Linux that .NET does not offer: send that never waits, and sendfile from a place of an open file.</summary>
/// <remarks>For sockets that are non-blocking, as every socket is that .NET has received from asynchronously. Both return how many bytes were taken;
/// 0: the socket is full; below 0: it takes none.</remarks>
internal static partial class NativeSend
{
    private const int DontWait = 0x40; // MSG_DONTWAIT
    private const int NoSignal = 0x4000; // MSG_NOSIGNAL
    private const int More = 0x8000; // MSG_MORE
    private const int Interrupted = 4; // EINTR
    private const int Full = 11; // EAGAIN

    /// <summary>Offsets are of 64 bits in the calls below.</summary>
    public static bool IsKnown { get; } = OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    /// <param name="socket">The socket.</param>
    /// <param name="bytes">At least one.</param>
    /// <param name="more">Others follow at once, and may share a packet.</param>
    public static int Send(SafeSocketHandle socket, ReadOnlySpan<byte> bytes, bool more)
    {
        while (true)
        {
            var sent = Send(socket, bytes, (nuint)bytes.Length, DontWait | NoSignal | (more ? More : 0));
            if (sent >= 0 || Marshal.GetLastPInvokeError() != Interrupted)
            {
                return Result(sent);
            }
        }
    }

    /// <param name="socket">The socket.</param>
    /// <param name="file">A file that is open for reading.</param>
    /// <param name="position">Bytes from its start.</param>
    /// <param name="length">At least one; all are in the file.</param>
    public static int SendFile(SafeSocketHandle socket, SafeFileHandle file, long position, int length)
    {
        while (true)
        {
            var sent = SendFile(socket, file, ref position, (nuint)length);
            if (sent > 0 || (sent < 0 && Marshal.GetLastPInvokeError() != Interrupted))
            {
                return Result(sent);
            }

            if (sent == 0)
            {
                return -1; // the file is shorter than it was
            }
        }
    }

    private static int Result(nint sent)
    {
        return (int)sent < 0 && Marshal.GetLastPInvokeError() == Full ? 0 : (int)sent;
    }

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(SafeSocketHandle socket, ReadOnlySpan<byte> bytes, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendfile", SetLastError = true)]
    private static partial nint SendFile(SafeSocketHandle socket, SafeFileHandle file, ref long position, nuint length);
}
