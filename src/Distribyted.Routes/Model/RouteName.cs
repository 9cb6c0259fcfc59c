using Distribyted.FileSystem;

namespace Distribyted.Routes.Model;

/// <summary>The one rule for names of routes, wherever they come from: the configuration, the API, a folder that is made over WebDAV.</summary>
public static class RouteName
{
    /// <summary>What is wrong with a name, to be put behind the name in a message; null: nothing.</summary>
    /// <param name="name">Segments of 1 to 255 bytes of UTF-8, joined by single slashes, without one at the ends.</param>
    public static string? Mistake(string name)
    {
        var isPath = VirtualPath.TryParse(name, out var path) && path.Value.Length == name.Length + 1;
        return isPath && !path.IsRoot && !name.Any(c => c == '\\' || char.IsControl(c))
            ? null
            : "is not the name of a route. Use 1 to 255 bytes without \"\\\" and control characters, and not \"..\"; a/b is a route in a folder.";
    }

    /// <summary>The same as a sentence of its own.</summary>
    internal static string? WhyNot(string name)
    {
        return name.Length == 0 ? "A route needs a name."
            : Mistake(name) is { } mistake ? $"\"{Shown(name)}\" {mistake}"
            : null;
    }

    private static string Shown(string name)
    {
        return string.Concat((name.Length <= 80 ? name : name[..80] + "...").Select(c => char.IsControl(c) ? '?' : c));
    }
}
