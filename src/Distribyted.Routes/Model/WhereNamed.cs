namespace Distribyted.Routes.Model;

/// <summary>Describes the place that names a torrent or route, in messages to users.</summary>
internal static class WhereNamed
{
    /// <summary><c>is set in distribyted.yaml line 31</c>, or <c>is named by the watched file ...</c>.</summary>
    internal static string Describe(string where)
    {
        var colon = where.LastIndexOf(':');
        return colon > 0 && where.Length > colon + 1 && !where.AsSpan(colon + 1).ContainsAnyExceptInRange('0', '9')
            ? $"is set in {where[..colon]} line {where[(colon + 1)..]}"
            : $"is named by the watched file {where}";
    }

    /// <summary>Why something that a place names cannot be removed, renamed or moved.</summary>
    internal static string WhyFixed(string name, string where)
    {
        return $"\"{name}\" {Describe(where)}; it can only be changed there.";
    }
}
