namespace Distribyted.Routes.Model;

/// <summary>Times as HTTP dates and the catalog can both hold them.</summary>
internal static class WholeSeconds
{
    /// <summary>The time, without its fraction of a second.</summary>
    internal static DateTimeOffset Now(TimeProvider time)
    {
        return DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
    }
}
