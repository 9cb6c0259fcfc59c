namespace Distribyted.BitTorrent.Scheduling;

/// <summary>What the caller must do.</summary>
public enum CommandKind : byte
{
    /// <summary>Send REQUEST for each block.</summary>
    Request,

    /// <summary>Send CANCEL for each block.</summary>
    Cancel,

    /// <summary>Send INTERESTED.</summary>
    Interested,

    /// <summary>Send NOT INTERESTED.</summary>
    NotInterested,

    /// <summary>The piece was closed without being finished: give its memory back.</summary>
    ClosePiece,

    /// <summary>Useless or silent for too long.</summary>
    DropPeer,
}
