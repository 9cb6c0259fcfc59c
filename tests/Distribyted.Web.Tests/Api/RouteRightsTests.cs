using Distribyted.FileSystem;
using Distribyted.Http.Users;
using Distribyted.Web.Api;

namespace Distribyted.Web.Tests.Api;

internal sealed class RouteRightsTests
{
    [TestCase("films", "films", true)]
    [TestCase("films", "films/old", true)]
    [TestCase("films", "films-4k", false)]
    [TestCase("films/old", "films", false)]
    [TestCase("s\u00e9ries", "se\u0301ries", true)]
    [TestCase("se\u0301ries", "s\u00e9ries", true)]
    [TestCase("/", "films", false)]
    [TestCase("..", "films", false)]
    public void A_restricted_user_has_the_same_routes_here_as_in_the_tree(string routeOfUser, string route, bool sees)
    {
        var user = UserClaims.Principal("anna", UserRights.Full, [routeOfUser]);

        Assert.That(RouteRights.Sees(user, route), Is.EqualTo(sees));
        Assert.That(RouteRights.MayChange(user, route), Is.EqualTo(sees));
        Assert.That(UserClaims.Scope(user).Contains(VirtualPath.Parse(route)), Is.EqualTo(sees));
    }

    [Test]
    public void A_user_of_all_routes_who_may_read_sees_them_and_changes_none()
    {
        var user = UserClaims.Principal("anna", UserRights.Read, []);

        Assert.That(RouteRights.Sees(user, "films"), Is.True);
        Assert.That(RouteRights.MayChange(user, "films"), Is.False);
    }
}
