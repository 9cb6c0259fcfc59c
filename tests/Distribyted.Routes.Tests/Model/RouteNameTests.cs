using Distribyted.Routes.Model;

namespace Distribyted.Routes.Tests.Model;

internal sealed class RouteNameTests
{
    [TestCase("a", true)]
    [TestCase("a/b c/é", true)]
    [TestCase("...", true)]
    [TestCase("", false)]
    [TestCase("/", false)]
    [TestCase("/a", false)]
    [TestCase("a/", false)]
    [TestCase("a//b", false)]
    [TestCase("a/../b", false)]
    [TestCase("a\\b", false)]
    [TestCase("a\nb", false)]
    [TestCase("a\u0085b", false)]
    public void A_route_has_a_name_that_can_be_a_folder(string name, bool isGood)
    {
        Assert.That(RouteName.Mistake(name) is null, Is.EqualTo(isGood));
        Assert.That(RouteName.WhyNot(name) is null, Is.EqualTo(isGood));
    }

    [TestCase(255, true)]
    [TestCase(256, false)]
    public void A_part_of_a_name_has_255_bytes_at_most(int length, bool isGood)
    {
        Assert.That(RouteName.Mistake("a/" + new string('b', length)) is null, Is.EqualTo(isGood));
    }

    [Test]
    public void A_message_shows_a_name_on_one_line_and_not_all_of_a_long_one()
    {
        Assert.That(RouteName.WhyNot("a\nb"), Does.StartWith("\"a?b\" is not the name of a route."));
        Assert.That(RouteName.WhyNot(new string('c', 1000)), Does.StartWith($"\"{new string('c', 80)}...\" is not"));
    }
}
