using System.Text.Json;

namespace Distribyted.Web.Tests;

/// <summary>Looks into answers.</summary>
internal static class Json
{
    public static IEnumerable<string> Names(JsonElement element)
    {
        return element.EnumerateObject().Select(p => p.Name);
    }

    public static string? Field(string json, string name)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty(name).GetString();
    }
}
