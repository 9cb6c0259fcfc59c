namespace Distribyted.BitTorrent.Scheduling;

/// <summary>Memory and disk for pieces: asked synchronously from a run of the scheduler.</summary>
public interface IPieceAdmission
{
    /// <summary>Reserves what the piece needs; false: not now. Asked again at a later Run. Never called twice for an open piece.</summary>
    bool TryOpen(int piece, bool urgent);
}
