using Distribyted.Http.Users;

namespace Distribyted.Configuration;

/// <summary>What all sources together say: the settings, who gave each value, and what is wrong.</summary>
/// <param name="Settings">Usable only without mistakes.</param>
/// <param name="Report">Mistakes and warnings.</param>
/// <param name="Origins">Who gave a key its value; keys at their default are not here.</param>
/// <param name="File">The file that was read.</param>
internal sealed record Configured(
    Settings Settings,
    ConfigurationReport Report,
    IReadOnlyDictionary<string, Origin> Origins,
    ConfigurationFile File
)
{
    /// <summary>Who gave this key its value.</summary>
    public Origin OriginOf(string path)
    {
        return Origins.TryGetValue(path, out var origin) ? origin : Origin.Default;
    }

    /// <summary>Users that the sources name, without the generated one.</summary>
    public IReadOnlyList<HttpUser> Users { get; init; } = [];

    /// <summary>Name for a generated password; null: a user has a password.</summary>
    public string? GeneratedFor { get; init; }
}
