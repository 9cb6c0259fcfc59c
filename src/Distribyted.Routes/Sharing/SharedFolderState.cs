namespace Distribyted.Routes.Sharing;

/// <summary>What a shared folder is doing; names as <c>/api/servers</c> has them.</summary>
public enum SharedFolderState
{
    /// <summary>Not looked at yet.</summary>
    Unknown,

    /// <summary>Its torrent is offered.</summary>
    Seeding,

    /// <summary>Its files are hashed for the first time.</summary>
    Reading,

    /// <summary>Changed files are hashed; the former torrent is still offered.</summary>
    Updating,

    /// <summary>Empty: nothing to offer.</summary>
    Stopped,

    /// <summary>It cannot be read; the log says why.</summary>
    Error,
}
