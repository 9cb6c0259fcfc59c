namespace Distribyted.Http.Tests.Wire;

/// <summary>An answer as it came over the wire.</summary>
internal sealed record WireResponse(int Status, string Reason, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body, bool IsCut)
{
    /// <summary>A header's values joined by commas; null when it is not there.</summary>
    public string? this[string name]
    {
        get
        {
            var values = All(name);
            return values.Length == 0 ? null : string.Join(", ", values);
        }
    }

    public string Text => System.Text.Encoding.UTF8.GetString(Body);

    public string[] All(string name)
    {
        return [.. Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)];
    }
}
