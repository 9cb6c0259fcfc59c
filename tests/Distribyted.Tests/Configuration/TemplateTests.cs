using System.Text;
using System.Text.RegularExpressions;
using Distribyted.Configuration;
using Distribyted.Hosting;
using Distribyted.Testing;

namespace Distribyted.Tests.Configuration;

internal sealed partial class TemplateTests
{
    // Examples in the template that are not defaults, and keys that the template sets to what it needs.
    private static readonly string[] Examples =
    [
        "webdav.user",
        "webdav.pass",
        "webdav.enabled",
        "auth.users",
        "tls.password",
        "routes",
        "servers",
    ];

    [Test]
    public void Every_option_is_in_distribyted_yaml()
    {
        var configured = ConfigurationReader.ReadText("distribyted.yaml", Uncommented());

        var inTemplate = configured.Origins.Keys;
        var inCode = Keys.All.Where(k => !k.IsAlias).Select(k => k.Path);
        Assert.That(configured.Mistakes(), Is.Empty);
        Assert.That(
            configured.Warnings(),
            Is.Empty.Or.All.Contain("/path/to/"),
            "a key that is not built yet does not belong into the template"
        );
        Assert.That(inTemplate, Is.EquivalentTo(inCode));
    }

    [Test]
    public void What_the_template_shows_as_default_is_the_default()
    {
        var shown = ConfigurationReader.ReadText("distribyted.yaml", Uncommented()).Settings;
        var fresh = new Settings();

        Assert.Multiple(() =>
        {
            foreach (var key in Keys.All.Where(k => !k.IsAlias && !Examples.Contains(k.Path)))
            {
                Assert.That(key.Show(shown), Is.EqualTo(key.Show(fresh)), key.Path);
            }
        });
    }

    [Test]
    public void The_template_as_it_is_starts_without_a_word()
    {
        var configured = ConfigurationReader.ReadText("distribyted.yaml", ConfigurationFile.Template());

        Assert.That(configured.Mistakes(), Is.Empty);
        Assert.That(configured.Warnings(), Is.Empty);
        Assert.That(configured.Settings.WebDavListener.IsListening);
        Assert.That(configured.Settings.WebListener.IsListening);
        Assert.That(configured.GeneratedFor, Is.EqualTo("admin"));
    }

    [Test]
    public void Every_key_has_a_meaning_in_the_template_which_the_settings_show()
    {
        var configured = ConfigurationReader.ReadText("distribyted.yaml", ConfigurationFile.Template());

        var settings = new SettingsReport(configured).Read();

        Assert.That(settings.Select(static s => s.Key), Is.EqualTo(Keys.All.Where(static k => !k.IsAlias).Select(static k => k.Path)));
        Assert.Multiple(() =>
        {
            foreach (var setting in settings)
            {
                Assert.That(setting.Meaning, Does.Match("^[^a-z].{10,}[^.:]\\.$"), setting.Key);
                Assert.That(setting.Meaning, Does.Not.Contain("#").And.Not.Contain("earlier versions"), setting.Key);
            }
        });
        Assert.That(
            settings.Single(static s => s.Key == "torrent.cache_folder").Meaning,
            Is.EqualTo("Folder for content; empty = in metadata_folder.")
        );
    }

    [Test]
    public void The_template_in_the_program_is_the_file_at_the_top()
    {
        Assert.That(ConfigurationFile.Template(), Is.EqualTo(File.ReadAllBytes(Path.Combine(Repository.Top, "distribyted.yaml"))));
    }

    // "#key: value", "#- item" and what is indented under them are keys; "# text" is prose.
    private static byte[] Uncommented()
    {
        var lines = Encoding.UTF8.GetString(ConfigurationFile.Template()).Split('\n');
        var result = new List<string>();
        var inExample = false;
        foreach (var line in lines)
        {
            inExample = KeyLine().IsMatch(line) || (inExample && Indented().IsMatch(line));
            result.Add(inExample ? line.Remove(line.IndexOf('#', StringComparison.Ordinal), 1) : line);
        }

        return Encoding.UTF8.GetBytes(string.Join('\n', result));
    }

    [GeneratedRegex("^ *#(?:- )?[a-z_0-9]+:", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex KeyLine();

    [GeneratedRegex("^ *# {2,}\\S", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Indented();
}
