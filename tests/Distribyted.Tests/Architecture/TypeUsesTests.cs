namespace Distribyted.Tests.Architecture;

/// <summary>The architecture tests see trespasses that were made on purpose (Trespass.cs).</summary>
internal sealed class TypeUsesTests
{
    private const string Root = "Distribyted.Tests.Architecture.Trespass";

    private static readonly IReadOnlyCollection<TypeUse> Uses = TypeUses.Of(typeof(TypeUsesTests).Assembly.Location);

    [TestCase("Lower.ByField", "Higher.HigherType")]
    [TestCase("Lower.ByCall", "RootType")]
    [TestCase("Lower.ByGenericArgument", "Higher.HigherType")]
    [TestCase("Lower.ByAttribute", "Higher.HigherAttribute")]
    [TestCase("Lower.ByAsyncMethod", "Higher.HigherType")]
    public void A_type_of_a_higher_folder_that_is_named_is_seen(string from, string to)
    {
        Assert.That(Uses.Where(u => u.From == $"{Root}.{from}").Select(u => u.To), Does.Contain($"{Root}.{to}"));
    }

    [Test]
    public void A_second_HTTP_client_is_seen()
    {
        Assert.That(Uses.Where(u => u.To == "System.Net.Http.HttpClient").Select(u => u.From), Does.Contain($"{Root}.Lower.ByHttpClient"));
    }

    [Test]
    public void A_clean_type_names_no_other_folder()
    {
        Assert.That(Uses.Where(u => u.From == $"{Root}.Lower.Clean" && u.ToFolder.StartsWith(Root, StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Folders_that_reach_each_other_are_one_circle()
    {
        var circles = FolderCircles.Of(Uses, Root);

        Assert.That(circles, Has.Count.EqualTo(1));
        Assert.That(circles[0], Is.EqualTo([Root, $"{Root}.Higher", $"{Root}.Lower"]));
    }

    [Test]
    public void Folders_with_one_direction_are_no_circle()
    {
        var downward = Uses.Where(u => !u.From.StartsWith($"{Root}.Lower.", StringComparison.Ordinal));

        Assert.That(FolderCircles.Of(downward, Root), Is.Empty);
    }
}
