using Distribyted.Testing;
using Distribyted.Training;

namespace Distribyted.Published.Tests.Profile;

/// <summary>The profile that <c>dotnet publish</c> obeys, and the list beside it, which is read by us, and from which the next profile is made.</summary>
internal sealed class ProfileTests
{
    private static readonly string Profile = Path.Combine(Repository.Sources, "Distribyted", "Publishing", "compiled.mibc");

    [Test]
    public void The_profile_has_what_its_list_names_and_nothing_else()
    {
        var listed = File.ReadLines(Profile + ".txt").Select(static line => MethodName.Parse(line).ToString());

        var compiled = ProfileReader.Read(Profile).Select(static method => method.ToString());

        Assert.That(compiled.Distinct(), Is.Not.Empty.And.EquivalentTo(listed.Distinct()));
    }

    [Test]
    public void The_list_names_each_method_once_in_the_order_of_names()
    {
        Assert.That(File.ReadAllLines(Profile + ".txt"), Is.Unique.And.Ordered.Using((IComparer<string>)StringComparer.Ordinal));
    }
}
