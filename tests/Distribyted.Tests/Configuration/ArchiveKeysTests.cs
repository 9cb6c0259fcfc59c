using Distribyted.Testing;

namespace Distribyted.Tests.Configuration;

/// <summary>What each value does is in the tests of archives.</summary>
internal sealed class ArchiveKeysTests
{
    [Test]
    public void Passwords_are_a_list_in_order_and_no_report_shows_them()
    {
        var configured = Given.File("archives: {passwords: [first, \"a, b\"]}");

        Assert.That(configured.Mistakes(), Is.Empty);
        Assert.That(configured.Warnings(), Is.Empty);
        Assert.That(configured.Settings.Archives.Passwords, Is.EqualTo(new[] { "first", "a, b" }));
        Assert.That(Distribyted.Configuration.Keys.ByPath["archives.passwords"].Show(configured.Settings), Is.EqualTo("2 set"));
    }

    [Test]
    public void Those_of_a_file_come_after()
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "passwords");
        File.WriteAllText(path, "second\n\nthird\n");

        var configured = Given.File($"archives: {{passwords: [first], passwords_file: '{path}'}}");

        Assert.That(configured.Mistakes(), Is.Empty);
        Assert.That(configured.Settings.Archives.Passwords, Is.EqualTo(new[] { "first", "second", "third" }));
    }

    [Test]
    public void A_file_that_is_not_there_ends_the_start()
    {
        var configured = Given.File("archives: {passwords_file: /nothing/here}");

        Assert.That(configured.Report.Mistakes.Single().Key, Is.EqualTo("archives.passwords_file"));
    }

    [TestCase("10", 10)]
    [TestCase("100000", 100_000)]
    public void The_ratio_has_a_range(string text, int ratio)
    {
        Assert.That(Given.File($"archives: {{max_ratio: {text}}}").Settings.Archives.MaxRatio, Is.EqualTo(ratio));
        Assert.That(Given.File("archives: {max_ratio: 9}").Report.Mistakes.Single().Key, Is.EqualTo("archives.max_ratio"));
    }
}
