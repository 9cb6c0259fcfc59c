using System.Buffers;
using Distribyted.Http.Transport;
using Microsoft.AspNetCore.Http;

namespace Distribyted.WebDav.Xml;

/// <summary>An answer on its way, in rented memory: first as much as it holds, then what has been written since it was last sent.</summary>
/// <remarks>Few and large pieces: each is a send, which wakes the client and lets it run. Small answers take a small one.</remarks>
/// <param name="most">Bytes that it holds, about.</param>
internal sealed class AnswerBuffer(int most) : IDisposable
{
    /// <summary>Holds a folder of a thousand entries.</summary>
    public const int Large = 512 * 1024;

    /// <summary>For each answer when many clients are slow at the same time.</summary>
    public const int Small = 64 * 1024;

    private const int SmallPiece = 16 * 1024;
    private const int LargePiece = 256 * 1024;
    private const int OneMore = 8 * 1024; // an entry

    private readonly Queue<(byte[] Bytes, int Used)> _full = new(4);
    private byte[] _piece = [];
    private int _used;
    private int _held;

    /// <summary>Bytes that were written and not sent.</summary>
    public int Held => _held + _used;

    /// <summary>Whether it is time to send, or to find out how much there is to come.</summary>
    public bool IsFull => Held >= most - OneMore;

    /// <summary>Memory for at least so many bytes.</summary>
    public Span<byte> Reserve(int length)
    {
        if (_piece.Length - _used < length)
        {
            if (_used > 0)
            {
                _full.Enqueue((_piece, _used));
                _held += _used;
                _used = 0;
            }
            else if (_piece.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_piece);
            }

            _piece = ArrayPool<byte>.Shared.Rent(Math.Max(length, _full.Count == 0 ? SmallPiece : Math.Min(LargePiece, most)));
        }

        return _piece.AsSpan(_used);
    }

    /// <summary>So many bytes of it are written.</summary>
    public void Advance(int length)
    {
        _used += length;
    }

    /// <summary>Writes bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _used += bytes.Length;
    }

    /// <summary>Sends what is held; waits while the client is slow.</summary>
    /// <param name="response">Was started, with a Content-Length.</param>
    /// <param name="more">It is not the end of the answer.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False: the client no longer reads.</returns>
    public async ValueTask<bool> SendAsync(HttpResponse response, bool more, CancellationToken cancellationToken)
    {
        while (_full.TryPeek(out var piece))
        {
            if (!await response.SendAsync(piece.Bytes.AsMemory(0, piece.Used), more: true, cancellationToken))
            {
                return false;
            }

            _full.Dequeue();
            _held -= piece.Used;
            ArrayPool<byte>.Shared.Return(piece.Bytes);
        }

        var reads = await response.SendAsync(_piece.AsMemory(0, _used), more, cancellationToken);
        _used = 0;
        return reads;
    }

    public void Dispose()
    {
        foreach (var (bytes, _) in _full)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }

        _full.Clear();
        if (_piece.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_piece);
        }

        _piece = [];
        _held = _used = 0;
    }
}
