using System.Text;
using Distribyted.Configuration;
using Distribyted.Hosting;

namespace Distribyted.Tests.Hosting;

/// <summary>The settings in force as the API shows them.</summary>
internal sealed class SettingsReportTests
{
    [Test]
    public void A_value_is_shown_with_its_source_and_a_secret_is_masked()
    {
        const string Yaml = "http:\n  port: 4555\nwebdav:\n  user: anna\n  pass: very-secret-1\n";
        var configured = ConfigurationReader.ReadText("distribyted.yaml", Encoding.UTF8.GetBytes(Yaml));

        var settings = new SettingsReport(configured).Read();

        var port = settings.Single(s => s.Key == "http.port");
        Assert.That((port.Value, port.Default, port.Source, port.Place), Is.EqualTo(("4555", "4444", "file", "distribyted.yaml:2:9")));
        var secret = settings.Single(s => s.Key == "webdav.pass");
        Assert.That((secret.Value, secret.Default, secret.IsSecret), Is.EqualTo(("set", "not set", true)));
        var untouched = settings.Single(s => s.Key == "log.level");
        Assert.That(
            (untouched.Value == untouched.Default, untouched.Source, untouched.Place),
            Is.EqualTo((true, "default", (string?)null))
        );
        Assert.That(settings.Select(s => s.Value), Has.None.Contain("very-secret"));
    }
}
