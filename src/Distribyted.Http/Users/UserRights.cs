namespace Distribyted.Http.Users;

/// <summary>What a user may do.</summary>
public enum UserRights
{
    /// <summary>See and play.</summary>
    Read,

    /// <summary>Everything.</summary>
    Full,
}
