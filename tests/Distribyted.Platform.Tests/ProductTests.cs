namespace Distribyted.Platform.Tests;

internal sealed class ProductTests
{
    [Test]
    public void The_version_is_told_in_the_forms_that_others_expect()
    {
        Assert.That(Product.Version, Does.Match(@"^\d+\.\d+$"));
        Assert.That(
            Product.PeerIdPrefix,
            Does.Match("^-DB[0-9]{4}-$").And.StartsWith($"-DB{Product.Version.Replace(".", "", StringComparison.Ordinal)}")
        );
    }
}
