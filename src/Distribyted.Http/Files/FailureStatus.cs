using Distribyted.FileSystem;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Http.Files;

/// <summary>What a tree that cannot answer is in HTTP (RFC 9110, RFC 4918).</summary>
public static class FailureStatus
{
    /// <summary>The status of a failure.</summary>
    public static int Of(FileSystemFailure failure)
    {
        return failure switch
        {
            FileSystemFailure.Unavailable => StatusCodes.Status503ServiceUnavailable,
            FileSystemFailure.Removed => StatusCodes.Status404NotFound,
            FileSystemFailure.NoSpace => StatusCodes.Status507InsufficientStorage,
            _ => StatusCodes.Status500InternalServerError,
        };
    }
}
