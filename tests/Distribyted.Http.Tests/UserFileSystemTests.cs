using System.Security.Claims;
using Distribyted.FileSystem;
using Distribyted.Http.Users;
using Distribyted.Testing;

namespace Distribyted.Http.Tests;

[TestFixture]
public sealed class UserFileSystemTests
{
    private readonly MemoryFs _tree = new();

    public UserFileSystemTests()
    {
        _tree.AddFile("/films/x", new byte[1]);
        _tree.AddFile("/music/y", new byte[1]);
    }

    [Test]
    public void Who_may_write_gets_the_tree_itself()
    {
        Assert.That(For(UserRights.Full), Is.SameAs(_tree));
    }

    [Test]
    public void Who_may_read_gets_a_tree_without_writes()
    {
        Assert.That(For(UserRights.Read), Is.Not.InstanceOf<IWritableFileSystem>());
        Assert.That(For(UserRights.Read, "films"), Is.Not.InstanceOf<IWritableFileSystem>());
    }

    [Test, CancelAfter(60_000)]
    public async Task Who_may_see_some_routes_sees_those(CancellationToken cancellationToken)
    {
        foreach (var rights in Enum.GetValues<UserRights>())
        {
            var files = For(rights, "films");

            Assert.That(await files.FindAsync(VirtualPath.Parse("/films/x"), cancellationToken), Is.Not.Null);
            Assert.That(await files.FindAsync(VirtualPath.Parse("/music/y"), cancellationToken), Is.Null);
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_full_user_of_some_routes_writes_there_and_only_there(CancellationToken cancellationToken)
    {
        var files = (IWritableFileSystem)For(UserRights.Full, "films");

        Assert.That((await files.MayPutAsync(VirtualPath.Parse("/films/new"), 1, cancellationToken)).Succeeded, Is.True);
        Assert.That(
            (await files.MayPutAsync(VirtualPath.Parse("/music/new"), 1, cancellationToken)).Outcome,
            Is.EqualTo(WriteOutcome.Forbidden)
        );
    }

    [Test, CancelAfter(60_000)]
    public async Task Who_did_not_sign_in_sees_nothing(CancellationToken cancellationToken)
    {
        var files = new UserFileSystem(_tree).For(new ClaimsPrincipal());

        Assert.That((await files.ListAsync(VirtualPath.Root, cancellationToken))!.Count, Is.Zero);
        Assert.That(files, Is.Not.InstanceOf<IWritableFileSystem>());
    }

    private IFileSystem For(UserRights rights, params string[] routes)
    {
        return new UserFileSystem(_tree).For(UserClaims.Principal("u", rights, routes));
    }
}
