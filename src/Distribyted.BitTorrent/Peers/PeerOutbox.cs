using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Distribyted.BitTorrent.Peers;

/// <summary>What is to be sent to one peer: small messages first, then large ones of extensions and the blocks it asked for. Filled by anyone, emptied by one sender. Safe for use by many threads.</summary>
/// <param name="pool">The two buffers of the small messages are rented from it: one is filled while the sender sends the other.</param>
internal sealed class PeerOutbox(ArrayPool<byte> pool)
{
    /// <summary>Requests of one peer that are kept at most; told to it as <c>reqq</c>.</summary>
    public const int MaxUploads = 512;

    private const int FirstBuffer = 1024;
    private const int MaxLater = 64; // as many parts of the metadata as we ask of a peer ourselves
    private const int MaxPending = 64 * 1024; // more unsent control bytes means that the peer does not read
    private const int MaxBuffered = 512 * 1024; // within one batch: a bitfield and what else is honest fits twice; a flood of questions does not

    private readonly Lock _lock = new();
    private readonly Queue<UploadRequest> _uploads = new();
    private readonly Queue<Func<byte[]>> _later = new(); // not the bytes of them: they are no sign that the peer does not read
    private byte[] _filling = pool.Rent(FirstBuffer);
    private byte[] _sending = pool.Rent(FirstBuffer);
    private int _count;
    private int _introduction; // bytes of the introduction that were not taken yet
    private bool _isTaken; // the sender sends from its buffer
    private bool _isClosed;

    public PeerOutbox()
        : this(ArrayPool<byte>.Shared) { }

    /// <summary>Whether the peer reads so slowly that the connection is not worth keeping.</summary>
    public bool IsOverfull
    {
        get
        {
            lock (_lock)
            {
                return _count > MaxPending + _introduction;
            }
        }
    }

    public bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _count == 0 && _uploads.Count == 0 && _later.Count == 0;
            }
        }
    }

    /// <summary>Whether there is anything that no rate limit holds back.</summary>
    public bool HasMessages
    {
        get
        {
            lock (_lock)
            {
                return _count > 0 || _later.Count > 0;
            }
        }
    }

    /// <summary>Whether blocks wait to be uploaded.</summary>
    public bool HasUploads
    {
        get
        {
            lock (_lock)
            {
                return _uploads.Count > 0;
            }
        }
    }

    /// <summary>Queues what is sent once at the start, however long: the have-map of a torrent of two million pieces has 250 KB.</summary>
    public void AppendIntroduction(ReadOnlySpan<byte> message)
    {
        lock (_lock)
        {
            _introduction += message.Length;
        }

        Append(message);
    }

    /// <summary>Queues a whole message.</summary>
    public void Append(ReadOnlySpan<byte> message)
    {
        lock (_lock)
        {
            if (_isClosed || _count + message.Length > MaxBuffered)
            {
                return; // it is overfull by now, and the connection ends with the next flush
            }

            if (_filling.Length - _count < message.Length)
            {
                var larger = pool.Rent(Math.Max(_filling.Length * 2, _count + message.Length));
                _filling.AsSpan(0, _count).CopyTo(larger);
                pool.Return(_filling);
                _filling = larger;
            }

            message.CopyTo(_filling.AsSpan(_count));
            _count += message.Length;
        }
    }

    /// <summary>Queues a block to upload; false: the peer asks for too much.</summary>
    public bool Enqueue(UploadRequest request)
    {
        lock (_lock)
        {
            if (_uploads.Count >= MaxUploads)
            {
                return false;
            }

            _uploads.Enqueue(request);
            return true;
        }
    }

    /// <summary>Queues a message that is made when it is sent, as a part of the metadata is; false: too many of them wait.</summary>
    public bool EnqueueLater(Func<byte[]> message)
    {
        lock (_lock)
        {
            if (_later.Count >= MaxLater)
            {
                return false;
            }

            _later.Enqueue(message);
            return true;
        }
    }

    /// <summary>Takes a queued block back (CANCEL); false: it is gone already.</summary>
    public bool Cancel(UploadRequest request)
    {
        lock (_lock)
        {
            var found = false;
            for (var i = _uploads.Count; i > 0; i--)
            {
                var queued = _uploads.Dequeue();
                if (!found && queued == request)
                {
                    found = true;
                }
                else
                {
                    _uploads.Enqueue(queued);
                }
            }

            return found;
        }
    }

    /// <summary>Takes all queued blocks back (choke).</summary>
    public List<UploadRequest> CancelAll()
    {
        lock (_lock)
        {
            List<UploadRequest> all = [.. _uploads];
            _uploads.Clear();
            return all;
        }
    }

    /// <summary>For the sender: the small messages that are due. Valid until the next call, or <see cref="ReturnTaken"/>.</summary>
    public ReadOnlyMemory<byte> TakePending()
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                ReturnTaken();
                return default;
            }

            (_filling, _sending) = (_sending, _filling);
            var taken = _count;
            (_count, _introduction) = (0, 0);
            _isTaken = taken > 0;
            return _sending.AsMemory(0, taken);
        }
    }

    /// <summary>For the sender: what it took is not used any more, and nothing will be taken.</summary>
    public void ReturnTaken()
    {
        lock (_lock)
        {
            _isTaken = false;
            if (_isClosed)
            {
                Return(ref _sending);
            }
        }
    }

    /// <summary>The connection has ended: nothing is kept from now on. A buffer from which the sender sends stays until it ends.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            _count = 0;
            Return(ref _filling);
            if (!_isTaken)
            {
                Return(ref _sending);
            }
        }
    }

    /// <summary>For the sender: the next message that is to be made now.</summary>
    public bool TryTakeLater([NotNullWhen(true)] out Func<byte[]>? message)
    {
        lock (_lock)
        {
            return _later.TryDequeue(out message);
        }
    }

    /// <summary>For the sender: the next blocks to upload.</summary>
    public int TakeUploads(Span<UploadRequest> destination)
    {
        lock (_lock)
        {
            var count = Math.Min(_uploads.Count, destination.Length);
            for (var i = 0; i < count; i++)
            {
                destination[i] = _uploads.Dequeue();
            }

            return count;
        }
    }

    private void Return(ref byte[] buffer)
    {
        if (buffer.Length > 0)
        {
            pool.Return(buffer);
            buffer = [];
        }
    }
}
