using System.Runtime.CompilerServices;
using System.Security.Claims;
using Distribyted.FileSystem;
using Distribyted.Http.Users;

namespace Distribyted.Http;

/// <summary>Turns rights into types: who may write gets the tree itself, who may not gets one without writes, who may see some routes gets those.</summary>
internal sealed class UserFileSystem : IUserFileSystem
{
    private readonly IFileSystem _tree;
    private readonly IFileSystem _reading;
    private readonly ConditionalWeakTable<ClaimsPrincipal, Views> _restricted = [];

    /// <summary>Views of this tree.</summary>
    public UserFileSystem(IFileSystem tree)
    {
        _tree = tree;
        _reading = tree is IWritableFileSystem ? new ScopedFs(tree, PathScope.All) : tree;
    }

    /// <inheritdoc/>
    public IFileSystem For(ClaimsPrincipal user)
    {
        var writes = UserClaims.Rights(user) == UserRights.Full;
        if (!UserClaims.IsRestricted(user))
        {
            return writes ? _tree : _reading;
        }

        var views = _restricted.GetValue(user, Restrict);
        return writes ? views.Writing : views.Reading;
    }

    private Views Restrict(ClaimsPrincipal user)
    {
        var scope = UserClaims.Scope(user);
        var reading = new ScopedFs(_tree, scope);
        return new Views(reading, _tree is IWritableFileSystem tree ? new ScopedWritableFs(tree, scope) : reading);
    }

    private sealed record Views(IFileSystem Reading, IFileSystem Writing);
}
