namespace Distribyted.Dashboard.Shell;

/// <summary>Light or dark, as the cookie says that the page's script sets: the first paint has the right colours already.</summary>
/// <param name="IsDark">What is shown.</param>
/// <param name="FollowsSystem">Whether the system decides, and not the user.</param>
internal sealed record ThemeChoice(bool IsDark, bool FollowsSystem)
{
    /// <summary>Name of the cookie: <c>dark</c>, <c>light</c>, <c>auto-dark</c> or <c>auto-light</c>.</summary>
    public const string Cookie = "distribyted-theme";

    public static ThemeChoice Parse(string? text)
    {
        return new ThemeChoice(text is "dark" or "auto-dark", text is null || text.StartsWith("auto", StringComparison.Ordinal));
    }
}
