namespace Distribyted.Configuration;

/// <summary>Which keys were given, and where.</summary>
internal sealed class GivenKeys(IReadOnlyDictionary<string, Origin> origins)
{
    /// <summary>Where a key was given; <see cref="Origin.Default"/> if it was not.</summary>
    public Origin At(string path)
    {
        return origins.TryGetValue(path, out var origin) ? origin : Origin.Default;
    }

    /// <summary>Whether a key was given at all.</summary>
    public bool Has(string path)
    {
        return origins.ContainsKey(path);
    }
}
