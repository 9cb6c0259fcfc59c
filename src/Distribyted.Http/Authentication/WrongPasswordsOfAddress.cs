using System.Net;

namespace Distribyted.Http.Authentication;

/// <summary>The claimants of one address. Bounded: the first ones are counted one by one, those that follow together.</summary>
/// <remarks>So a flood of names pushes out nothing. Users of this server are counted one by one in any case, that the flood does not lock them out;
/// that they are is not to be seen from outside (<see cref="Shared"/>). Not safe for use by many threads.</remarks>
internal sealed class WrongPasswordsOfAddress(IPAddress address)
{
    /// <summary>Claimants that are counted one by one, whether they are users or not.</summary>
    public const int Most = 16;

    private readonly Dictionary<Claimant, WrongPasswords> _claimants = [];
    private readonly HashSet<Claimant> _late = []; // users that came when others were counted together already
    private WrongPasswords? _others;

    public IPAddress Address { get; } = address;

    /// <summary>Counts that are kept.</summary>
    public int Count => _claimants.Count + (_others is null ? 0 : 1);

    private bool IsFull => _claimants.Count - _late.Count >= Most;

    /// <summary>The count of a claimant; null: there is none yet.</summary>
    public WrongPasswords? Find(Claimant who, bool isUser)
    {
        return _claimants.TryGetValue(who, out var own) ? own
            : isUser || !IsFull ? null
            : _others;
    }

    /// <summary>The count of a claimant, made if need be.</summary>
    public WrongPasswords Get(Claimant who, bool isUser)
    {
        if (Find(who, isUser) is { } found)
        {
            return found;
        }

        if (IsFull && !isUser)
        {
            return _others ??= new WrongPasswords();
        }

        if (IsFull)
        {
            _late.Add(who);
        }

        return _claimants[who] = new WrongPasswords();
    }

    /// <summary>How long this claimant would wait if the name were unknown: what a wrong password is answered with.</summary>
    public TimeSpan Shared(Claimant who, TimeSpan now)
    {
        return _late.Contains(who) && _others is not null ? _others.Wait(now) : TimeSpan.Zero;
    }

    /// <summary>Forgets the count of a claimant.</summary>
    public void Remove(Claimant who)
    {
        _claimants.Remove(who);
        _late.Remove(who);
    }

    /// <summary>Whether any user is locked out.</summary>
    public bool IsLocked(TimeSpan now)
    {
        return _others?.Until > now || _claimants.Values.Any(count => count.Until > now);
    }
}
