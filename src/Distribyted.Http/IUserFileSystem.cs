using System.Security.Claims;
using Distribyted.FileSystem;

namespace Distribyted.Http;

/// <summary>The tree as one user may see it: an <see cref="IWritableFileSystem"/> only for users who may write.</summary>
public interface IUserFileSystem
{
    /// <summary>The tree for this user.</summary>
    IFileSystem For(ClaimsPrincipal user);
}
