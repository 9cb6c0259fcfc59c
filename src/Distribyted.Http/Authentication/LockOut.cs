using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using Distribyted.Platform;

namespace Distribyted.Http.Authentication;

/// <summary>Back-off after wrong passwords, for each address and claimant, known or not.</summary>
/// <remarks>The first <see cref="HttpAccessOptions.MaxFailures"/> different ones cost nothing and a right password forgets them; each one after that doubles
/// the time in which nothing is looked at. An IPv6 address counts by its /64: one line has that many. Bounded in each address (<see cref="WrongPasswordsOfAddress"/>)
/// and in all: the address that failed longest ago is forgotten for a new one, one without a locked out user before others. Times are of a clock that never jumps.</remarks>
internal sealed class LockOut
{
    /// <summary>Most counts.</summary>
    public const int Capacity = 4096;

    private readonly HttpAccessOptions _options;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    // _lock guards all below; the list is ordered by the last failure, oldest first.
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, LinkedListNode<WrongPasswordsOfAddress>> _addresses = [];
    private readonly LinkedList<WrongPasswordsOfAddress> _order = [];
    private int _count;

    public LockOut(HttpAccessOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _start = time.GetTimestamp();
    }

    /// <summary>Counts right now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    private TimeSpan Now => _time.GetElapsedTime(_start);

    /// <summary>How long this claimant has to wait at this address; zero: look at the password.</summary>
    /// <param name="address">Null: unknown.</param>
    /// <param name="who">The claimant.</param>
    /// <param name="isUser">Whether there is a user of that name.</param>
    public TimeSpan Wait(IPAddress? address, Claimant who, bool isUser)
    {
        lock (_lock)
        {
            return _addresses.Count > 0 && _addresses.TryGetValue(ClientAddress.Of(address), out var node)
                ? node.Value.Find(who, isUser)?.Wait(Now) ?? TimeSpan.Zero
                : TimeSpan.Zero;
        }
    }

    /// <summary>A wrong password.</summary>
    /// <param name="address">As in <see cref="Wait"/>.</param>
    /// <param name="who">As in <see cref="Wait"/>.</param>
    /// <param name="isUser">As in <see cref="Wait"/>.</param>
    /// <param name="credentials">Name and password; empty: the password is not known (Digest).</param>
    public LockOutVerdict Fail(IPAddress? address, Claimant who, bool isUser, ReadOnlySpan<byte> credentials)
    {
        if (_options.MaxFailures <= 0)
        {
            return new LockOutVerdict(0, IsNew: true, TimeSpan.Zero, TimeSpan.Zero);
        }

        var line = ClientAddress.Of(address);
        var print = credentials.IsEmpty ? default(ulong?) : Print(credentials);
        lock (_lock)
        {
            var now = Now;
            if (_addresses.Remove(line, out var node))
            {
                _order.Remove(node);
            }
            else
            {
                node = new LinkedListNode<WrongPasswordsOfAddress>(new WrongPasswordsOfAddress(line));
            }

            DropOneIfFull(now);
            _addresses.Add(line, node);
            _order.AddLast(node);
            var all = node.Value;
            var before = all.Count;
            var own = all.Get(who, isUser);
            _count += all.Count - before;
            var isNew = own.Add(print, now, _options);
            return new LockOutVerdict(own.Count, isNew, own.Wait(now), all.Shared(who, now));
        }
    }

    /// <summary>The right password: the wrong ones are forgotten.</summary>
    public void Succeed(IPAddress? address, Claimant who)
    {
        lock (_lock)
        {
            if (_addresses.Count > 0 && _addresses.TryGetValue(ClientAddress.Of(address), out var node))
            {
                var before = node.Value.Count;
                node.Value.Remove(who);
                _count += node.Value.Count - before;
                if (node.Value.Count == 0)
                {
                    Drop(node);
                }
            }
        }
    }

    private void DropOneIfFull(TimeSpan now)
    {
        if (_count < Capacity || _order.First is not { } victim)
        {
            return;
        }

        for (var node = victim; node is not null; node = node.Next)
        {
            if (!node.Value.IsLocked(now))
            {
                victim = node;
                break;
            }
        }

        Drop(victim);
    }

    private void Drop(LinkedListNode<WrongPasswordsOfAddress> node)
    {
        _count -= node.Value.Count;
        _order.Remove(node);
        _addresses.Remove(node.Value.Address);
    }

    // Of use in this process only: what is kept in memory is no hash of a password that was nearly right.
    private ulong Print(ReadOnlySpan<byte> credentials)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, credentials, hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
