namespace Distribyted.Http.Paths;

/// <summary>Where a URI in a header points.</summary>
public enum UriOutcome
{
    /// <summary>Into this tree.</summary>
    Here,

    /// <summary>Not a URI: 400.</summary>
    Malformed,

    /// <summary>To another server, or outside of the tree: 502 for a Destination (RFC 4918 section 9.8.5).</summary>
    OtherHost,
}
