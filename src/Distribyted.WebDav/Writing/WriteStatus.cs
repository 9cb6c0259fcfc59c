using Distribyted.FileSystem;

namespace Distribyted.WebDav.Writing;

/// <summary>The one table from what became of a write to a status.</summary>
internal static class WriteStatus
{
    /// <summary>The status of an outcome. 422 means "the right kind of file, but broken", 415 "a kind that means nothing here".</summary>
    public static int Of(WriteOutcome outcome)
    {
        return outcome switch
        {
            WriteOutcome.Created => 201,
            WriteOutcome.Replaced or WriteOutcome.Done => 204,
            WriteOutcome.NotFound => 404,
            WriteOutcome.NoParent => 409,
            WriteOutcome.Exists or WriteOutcome.IsADirectory => 405,
            WriteOutcome.Forbidden => 403,
            WriteOutcome.Unsupported => 415,
            WriteOutcome.Invalid => 422,
            WriteOutcome.TooLarge => 413,
            WriteOutcome.NoSpace => 507,
            _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "Not an outcome."),
        };
    }

    /// <summary>The reason to give where the tree gave none.</summary>
    public static string ReasonOf(WriteResult result)
    {
        return result.Reason
            ?? result.Outcome switch
            {
                WriteOutcome.NotFound => "There is nothing at this path.",
                WriteOutcome.NoParent => "The folder it should go to is not there.",
                WriteOutcome.Exists => "Something is there already.",
                WriteOutcome.IsADirectory => "A folder is there.",
                WriteOutcome.Forbidden => "This cannot be changed.",
                WriteOutcome.Unsupported => "A file of this kind means nothing here.",
                WriteOutcome.Invalid => "The content is broken.",
                WriteOutcome.TooLarge => "The content is too long.",
                WriteOutcome.NoSpace => "There is no space for it.",
                _ => "Done.",
            };
    }
}
