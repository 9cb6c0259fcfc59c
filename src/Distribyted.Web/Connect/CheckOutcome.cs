namespace Distribyted.Web.Connect;

/// <summary>How a step of the self-check went.</summary>
public enum CheckOutcome
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Not checked, because something else is missing.</summary>
    Skipped,

    /// <summary>It works, but something is worth knowing.</summary>
    Notice,

    /// <summary>Clients will fail at it.</summary>
    Bad,
}
