using CsCheck;
using Distribyted.Http.Files;

namespace Distribyted.Http.Tests.Files;

[TestFixture]
public sealed class EntityTagsTests
{
    [
        TestCase("\"a\"", true, true),
        TestCase("\"b\"", false, false),
        TestCase("W/\"a\"", false, true),
        TestCase("\"b\",\"a\"", true, true),
        TestCase("\"\", \"a\"", true, true),
        TestCase(" , \"b\" ,\t W/\"a\"", false, true)
    ]
    [
        TestCase("a", false, false),
        TestCase("", false, false),
        TestCase("\"a", false, false),
        TestCase("w/\"a\"", false, false),
        TestCase("\"b\" x \"a\"", false, false),
        TestCase("\"b,a\"", false, false),
        TestCase("\"\"", false, false)
    ]
    public void A_list_names_a_tag_or_not(string list, bool strong, bool weak)
    {
        Assert.That(EntityTags.Matches(list, "a", weak: false), Is.EqualTo(strong));
        Assert.That(EntityTags.Matches(list, "a", weak: true), Is.EqualTo(weak));
    }

    [Test]
    public void No_tag_is_named_by_nothing()
    {
        Assert.That(EntityTags.Matches("\"\"", "", weak: true), Is.False);
    }

    [Test]
    public void Any_text_gives_an_answer()
    {
        Gen.String[Gen.Char["\"W/a, \t"], 0, 30].Sample(text => !EntityTags.Matches(text, "zz", weak: true));
    }
}
