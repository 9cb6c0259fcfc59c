namespace Distribyted.Http.Sessions;

/// <summary>How long browsers stay signed in.</summary>
public sealed record SessionOptions
{
    // A user who looks in every day never signs in again within a season; a browser that was given away is signed out some day.
    private const int TimeoutsAtMost = 3;

    /// <summary>From the last request of a browser.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromDays(30);

    /// <summary>From the sign-in, however much the browser is used: three times <see cref="Timeout"/>.</summary>
    public TimeSpan Longest => Timeout * TimeoutsAtMost;

    /// <summary>Where sessions are kept over restarts; null: they are not.</summary>
    public string? File { get; set; }
}
