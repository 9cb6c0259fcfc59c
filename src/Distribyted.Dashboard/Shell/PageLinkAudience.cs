namespace Distribyted.Dashboard.Shell;

/// <summary>Who sees an entry of the navigation.</summary>
internal enum PageLinkAudience
{
    /// <summary>Everybody who is signed in.</summary>
    All,

    /// <summary>Users who may change things.</summary>
    Writers,

    /// <summary>Users who may do everything and see all routes.</summary>
    Owners,
}
