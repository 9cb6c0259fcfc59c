namespace Distribyted.BitTorrent.Scheduling;

/// <summary>What one run may still ask for.</summary>
internal ref struct AssignmentRun(Grant grant, IPieceAdmission admission, CommandBuffer output, long now)
{
    private long _urgentBytes = grant.UrgentBytes;
    private long _aheadBytes = grant.AheadBytes;

    public CommandBuffer Output { get; } = output;
    public long Now { get; } = now;

    /// <summary>Blocks looked at.</summary>
    public int Steps { get; set; }

    /// <summary>Memory for a piece was refused: none is opened in this run any more.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Whether nothing may be read ahead.</summary>
    public readonly bool IsAheadSpent => _aheadBytes <= 0;

    /// <summary>Whether a block of this length may be asked for.</summary>
    public readonly bool Allows(int bytes, bool urgent)
    {
        return bytes <= (urgent ? _urgentBytes : _aheadBytes);
    }

    /// <summary>Takes a block off the grant: an urgent one off both numbers, one ahead off the second. What is unlimited stays so.</summary>
    public void Spend(int bytes, bool urgent)
    {
        _urgentBytes -= urgent && _urgentBytes != long.MaxValue ? bytes : 0;
        _aheadBytes -= _aheadBytes != long.MaxValue ? bytes : 0;
    }

    /// <summary>Reserves memory for a piece.</summary>
    public bool TryOpen(int piece, bool urgent)
    {
        IsRefused = IsRefused || !admission.TryOpen(piece, urgent);
        return !IsRefused;
    }
}
