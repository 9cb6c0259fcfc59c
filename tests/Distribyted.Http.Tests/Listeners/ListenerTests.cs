using Distribyted.FileSystem;
using Distribyted.Http.Authentication;
using Distribyted.Http.Listeners;
using Distribyted.Http.Tests.Wire;
using Distribyted.Http.Users;
using Distribyted.Testing;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Http.Tests.Listeners;

/// <summary>A third listener, as a project beside WebDav and Web would add it.</summary>
[TestFixture]
public sealed class ListenerTests
{
    private const string SignedIn = "\nAuthorization: Basic YW5uYTpzZWNyZXQ="; // anna:secret

    [Test]
    public void A_listener_states_its_rules_and_has_no_defaults()
    {
        var parameters = typeof(Listener).GetConstructors().Single().GetParameters();

        Assert.That(parameters, Has.Length.EqualTo(4));
        Assert.That(parameters, Has.All.Property(nameof(System.Reflection.ParameterInfo.HasDefaultValue)).False);
    }

    [Test]
    public void A_port_without_a_listener_is_not_served()
    {
        Assert.Throws<InvalidOperationException>(() => new DefaultHttpContext().Listener());
    }

    [TestCase(true, UserRights.Full, "", 401, "")]
    [TestCase(true, UserRights.Read, "", 401, "")]
    [TestCase(false, UserRights.Full, "", 200, "Full of all")]
    [TestCase(false, UserRights.Read, "", 200, "Read of all")]
    [TestCase(true, UserRights.Full, SignedIn, 200, "Full of films")]
    [TestCase(true, UserRights.Read, SignedIn, 200, "Read of films")]
    [CancelAfter(60_000)]
    public async Task A_third_listener_has_the_rules_that_it_states(
        bool requireSignIn,
        UserRights rights,
        string authorization,
        int status,
        string seen,
        CancellationToken cancellationToken
    )
    {
        var options = new HttpAccessOptions { Users = [HttpUser.Create("anna", "secret", UserRights.Full, ["films"])] };
        var trees = new MemoryFs();
        await using var host = await ListenerHost.StartAsync(
            trees,
            options,
            listener: new Listener("casting", requireSignIn, rights, SignInPage: null),
            serve: async (context, files) =>
            {
                var films = UserClaims.Scope(context.User).Contains(VirtualPath.Parse("/films"));
                var scope = UserClaims.IsRestricted(context.User) ? (films ? "films" : "nothing") : "all";
                Assert.That(files is IWritableFileSystem, Is.EqualTo(UserClaims.Rights(context.User) == UserRights.Full));
                await context.Response.WriteAsync($"{UserClaims.Rights(context.User)} of {scope}", cancellationToken);
            }
        );

        var answer = await host.AskAsync("GET / HTTP/1.1" + authorization, cancellationToken);

        Assert.That(answer.Status, Is.EqualTo(status));
        if (status == 200)
        {
            Assert.That(answer.Text, Is.EqualTo(seen));
        }
    }
}
