using System.Text;
using CsCheck;

namespace Distribyted.FileSystem.Tests;

[TestFixture]
public sealed class NameIndexTests
{
    private const string Composed = "caf\u00e9";
    private const string Decomposed = "cafe\u0301";

    [Test]
    public void The_exact_name_wins()
    {
        var index = new NameIndex([Decomposed, Composed]);

        Assert.That(index.Find(Decomposed), Is.EqualTo(0));
        Assert.That(index.Find(Composed), Is.EqualTo(1));
    }

    [TestCase(Composed, Decomposed)]
    [TestCase(Decomposed, Composed)]
    [TestCase("\u212a", "K")] // the Kelvin sign composes to a letter
    [TestCase("K", "\u212a")]
    [TestCase("\ud55c\uae00", "\u1112\u1161\u11ab\u1100\u1173\u11af")]
    public void Another_spelling_is_found(string stored, string asked)
    {
        var names = new[] { "a", stored, "~" };
        Array.Sort(names, StringComparer.Ordinal);

        Assert.That(new NameIndex(names).Find(asked), Is.EqualTo(Array.IndexOf(names, stored)));
        Assert.That(NameIndex.Same(stored, asked), Is.True);
    }

    [TestCase("CAF\u00c9"), TestCase("cafe"), TestCase(""), TestCase("\ud800"), TestCase("\uff43\uff41\uff46\u00e9")]
    public void Nothing_else_is_found(string asked)
    {
        Assert.That(new NameIndex([Composed]).Find(asked), Is.EqualTo(-1));
    }

    [Test]
    public void Names_that_are_not_unicode_are_found_as_they_are()
    {
        var index = new NameIndex(["a", "x\ud800"]);

        Assert.That(index.Find("x\ud800"), Is.EqualTo(1));
    }

    [Test]
    public void Every_name_is_found_in_every_spelling()
    {
        Gen.String[Gen.OneOf(Gen.Char["aeK"], Gen.Char["\u00e9\u00c5\u1e0d\u0307\u0323\u0301\u212b\u1112\u1161"]), 1, 4]
            .HashSet[1, 20]
            .Sample(set =>
            {
                var names = set.ToArray();
                Array.Sort(names, StringComparer.Ordinal);
                var index = new NameIndex(names);
                return names.Select((name, i) => index.Find(name) == i).All(found => found)
                    && names.All(name =>
                        Array.TrueForAll(
                            [NormalizationForm.FormC, NormalizationForm.FormD],
                            form => index.Find(name.Normalize(form)) is var at && at >= 0 && NameIndex.Same(names[at], name)
                        )
                    );
            });
    }
}
