using Distribyted.Configuration;

namespace Distribyted.Tests.Configuration;

internal sealed class UnknownKeysTests
{
    [Test]
    public void What_does_not_exist_is_commented_out_with_all_that_is_under_it()
    {
        const string Text = "http:\n  port: 1\n  colour: red\nplugins:\n  - a\n\n  - b: 1\nmore:\n- c\ntorrent:\n  seed: true\n";

        var (fixedText, lines) = UnknownKeys.CommentOut(Text, Given.File(Text).Report.Mistakes);

        Assert.That(
            fixedText,
            Is.EqualTo("http:\n  port: 1\n#  colour: red\n#plugins:\n#  - a\n\n#  - b: 1\n#more:\n#- c\ntorrent:\n  seed: true\n")
        );
        Assert.That(lines, Is.EqualTo([3, 4, 5, 7, 8, 9]));
        Assert.That(Given.File(fixedText).Mistakes(), Is.Empty);
    }

    [Test]
    public void Comments_left_of_a_key_do_not_end_what_is_under_it()
    {
        const string Text = "colour:\n  red: 1\n\t# about blue\n# and more\n  blue: 2\nlog:\n  max_backups: 2\n";

        var (fixedText, lines) = UnknownKeys.CommentOut(Text, Given.File(Text).Report.Mistakes);

        Assert.That(lines, Is.EqualTo([1, 2, 5]));
        Assert.That(Given.File(fixedText).Mistakes(), Is.Empty);
    }

    [Test]
    public void Other_mistakes_and_keys_in_the_middle_of_a_line_stay()
    {
        const string Text = "http: {colour: red}\ntorrent:\n  read_timeout: soon\n";

        Assert.That(UnknownKeys.CommentOut(Text, Given.File(Text).Report.Mistakes).Text, Is.EqualTo(Text));
    }
}
