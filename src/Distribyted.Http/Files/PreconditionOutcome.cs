namespace Distribyted.Http.Files;

/// <summary>What the conditions of a request say.</summary>
public enum PreconditionOutcome
{
    /// <summary>Go on.</summary>
    Proceed,

    /// <summary>The client has it: 304 (GET and HEAD only).</summary>
    NotModified,

    /// <summary>Not what the client thinks: 412.</summary>
    Failed,
}
