using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;

namespace Distribyted.Web.Logs;

/// <summary>The last mebibyte of log lines, and every new one as it is written: what <c>/api/log</c> answers from. The log's writer appends here.
/// Safe for use by many threads.</summary>
public sealed class LogFeed
{
    private const int Capacity = 1 << 20;
    private const int Backlog = 4096; // lines that a slow follower may be behind; older ones are dropped for it

    // _lock guards all below.
    private readonly Lock _lock = new();
    private readonly Queue<byte[]> _lines = [];
    private readonly HashSet<Channel<byte[]>> _followers = [];
    private int _bytes;
    private long _count; // lines since the start

    /// <summary>How many follow it now.</summary>
    internal int Followers
    {
        get
        {
            lock (_lock)
            {
                return _followers.Count;
            }
        }
    }

    /// <summary>Adds one line, without its line end.</summary>
    public void Append(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line + "\n");
        lock (_lock)
        {
            _lines.Enqueue(bytes);
            _count++;
            _bytes += bytes.Length;
            while (_bytes > Capacity && _lines.Count > 1)
            {
                _bytes -= _lines.Dequeue().Length;
            }

            foreach (var follower in _followers)
            {
                follower.Writer.TryWrite(bytes);
            }
        }
    }

    /// <summary>The last whole lines, at most this many bytes.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Last(int bytes)
    {
        lock (_lock)
        {
            return LastLocked(bytes);
        }
    }

    /// <summary>The lines that came after a number of lines, as far as they are still kept, oldest first; for those who look now and then.</summary>
    /// <param name="number">What the former call gave; 0: all that are kept.</param>
    /// <param name="most">Most lines; the newest ones.</param>
    /// <returns>The lines, and the number for the next call.</returns>
    public (IReadOnlyList<ReadOnlyMemory<byte>> Lines, long Number) Since(long number, int most)
    {
        lock (_lock)
        {
            var count = (int)Math.Min(Math.Min(_count - number, _lines.Count), most);
            return count <= 0
                ? ([], _count)
                : ([.. _lines.Skip(_lines.Count - count).Select(static line => (ReadOnlyMemory<byte>)line)], _count);
        }
    }

    /// <summary>The last whole lines, then each new one until the token is cancelled; no line twice, none left out.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> FollowAsync(int bytes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(Backlog) { FullMode = BoundedChannelFullMode.DropOldest });
        IReadOnlyList<ReadOnlyMemory<byte>> last;
        lock (_lock)
        {
            last = LastLocked(bytes);
            _followers.Add(channel);
        }

        try
        {
            foreach (var line in last)
            {
                yield return line;
            }

            await foreach (var line in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return line;
            }
        }
        finally
        {
            lock (_lock)
            {
                _followers.Remove(channel);
            }
        }
    }

    private List<ReadOnlyMemory<byte>> LastLocked(int bytes)
    {
        var left = bytes;
        var last = new List<ReadOnlyMemory<byte>>();
        foreach (var line in _lines.Reverse())
        {
            left -= line.Length;
            if (left < 0)
            {
                break;
            }

            last.Add(line);
        }

        last.Reverse();
        return last;
    }
}
