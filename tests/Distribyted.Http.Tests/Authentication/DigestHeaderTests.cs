using CsCheck;
using Distribyted.Http.Authentication;

namespace Distribyted.Http.Tests.Authentication;

[TestFixture]
public sealed class DigestHeaderTests
{
    private const string Whole =
        "username=\"u\", realm=\"distribyted\", nonce=\"n\", uri=\"/a,b=\\\"c\", qop=auth, nc=00000001, cnonce=\"c\", response=\"00ff\"";

    [
        TestCase(Whole),
        TestCase(Whole + ", algorithm=SHA-256, opaque=\"x\""),
        TestCase(Whole + ","),
        TestCase("  ,, " + Whole),
        TestCase(Whole + ", userhash=false")
    ]
    public void Headers_are_read(string text)
    {
        Assert.That(DigestHeader.TryParse(text, out var header), Is.True);
        Assert.That((header!.UserName, header.Nonce, header.Uri, header.Response), Is.EqualTo(("u", "n", "/a,b=\"c", "00ff")));
    }

    [Test]
    public void A_name_may_come_in_the_extended_form()
    {
        var text = Whole.Replace("username=\"u\"", "username*=UTF-8''J%C3%A4s", StringComparison.Ordinal);

        Assert.That(DigestHeader.TryParse(text, out var header) && header.UserName == "J\u00e4s");
    }

    [
        TestCase(""),
        TestCase("x"),
        TestCase("="),
        TestCase("username=\"u"),
        TestCase("username=\"u\\"),
        TestCase(Whole + ", uri=\"/other\""),
        TestCase(Whole + ", username=\"other\""),
        TestCase(Whole + " x")
    ]
    [TestCase(Whole + ", qop=auth-int"), TestCase(Whole + ", userhash=true"), TestCase("username=\"u\"")]
    public void Others_are_refused(string text)
    {
        Assert.That(DigestHeader.TryParse(text, out _), Is.False);
    }

    [
        TestCase("realm=\"distribyted\"", "realm=\"other\""),
        TestCase("qop=auth", "qop=auth-int"),
        TestCase("nc=00000001", "nc=1"),
        TestCase("response=\"00ff\"", "response=\"xyz\""),
        TestCase("cnonce=\"c\"", "cnonce=\"\"")
    ]
    public void Parts_that_do_not_fit_are_refused(string part, string instead)
    {
        Assert.That(DigestHeader.TryParse(Whole.Replace(part, instead, StringComparison.Ordinal), out _), Is.False);
    }

    [Test]
    public void A_flood_of_parameters_is_refused()
    {
        Assert.That(DigestHeader.TryParse(Whole + string.Concat(Enumerable.Repeat(", a=b", 2000)), out _), Is.False);
    }

    [Test]
    public void Any_text_is_read_or_refused()
    {
        string[] words =
        [
            "username",
            "realm",
            "nonce",
            "uri",
            "qop",
            "nc",
            "cnonce",
            "response",
            "username*",
            "=",
            "\"",
            ",",
            " ",
            "\\",
            "auth",
            "distribyted",
            "00000001",
            "\u00e9",
        ];
        var word = Gen.Int[0, words.Length - 1].Select(i => words[i]);
        word.Array[0, 40]
            .Sample(text => DigestHeader.TryParse(string.Concat(text), out var header) ? header.UserName.Length > 0 : header is null);
    }
}
