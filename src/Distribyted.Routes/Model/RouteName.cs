using Distribyted.FileSystem;

namespace Distribyted.Routes.Model;

/// <summary>What may be the name of a route: segments of 1 to 255 bytes, joined by slashes.</summary>
internal static class RouteName
{
    /// <summary>Why it cannot be the name of a route, for messages; null if it can.</summary>
    internal static string? WhyNot(string name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return "A route needs a name.";
        }

        if (!VirtualPath.TryParse("/" + name, out var path) || path.Value.Length != name.Length + 1)
        {
            return $"\"{Shown(name)}\" cannot be a route: each part of its name has 1 to 255 bytes and is neither \".\" nor \"..\".";
        }

        return name.AsSpan().ContainsAnyInRange('\0', '\x1F') || name.Contains('\x7F') || name.Contains('\\')
            ? $"\"{Shown(name)}\" cannot be a route: a backslash or control character is in its name."
            : null;
    }

    private static string Shown(string name)
    {
        return string.Concat((name.Length <= 80 ? name : name[..80] + "...").Select(c => char.IsControl(c) ? '?' : c));
    }
}
