using System.Security.Cryptography.X509Certificates;
using Distribyted.Tests.Configuration;

namespace Distribyted.Tests.Tls;

internal sealed class TlsMistakeTests
{
    private string _folder = "";
    private TestCertificates _authority = null!;

    [OneTimeSetUp]
    public void Make()
    {
        _folder = Directory.CreateTempSubdirectory("distribyted-test-").FullName;
        _authority = new TestCertificates();
        using var server = _authority.Server();
        using var other = _authority.Server();
        using var old = _authority.Server(days: -1);
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["bare.pem"] = Pem(server.ExportCertificatePem()),
            ["bare.crt"] = server.RawData,
            ["key.pem"] = Pem(TestCertificates.KeyOf(server)),
            ["other.pem"] = Pem(TestCertificates.KeyOf(other)),
            ["locked.pem"] = Pem(TestCertificates.KeyOf(server, "hunter2")),
            ["whole.pem"] = Pem(server.ExportCertificatePem() + "\n" + TestCertificates.KeyOf(server)),
            ["old.pem"] = Pem(old.ExportCertificatePem() + "\n" + TestCertificates.KeyOf(old)),
            ["whole.pfx"] = server.Export(X509ContentType.Pfx, "hunter2"),
            ["rubbish"] = "rubbish"u8.ToArray(),
            ["empty"] = [],
        };
        foreach (var (name, bytes) in files)
        {
            File.WriteAllBytes(At(name), bytes);
        }
    }

    [OneTimeTearDown]
    public void Remove()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [TestCase("certificate: ./whole.pem", "")]
    [TestCase("certificate: ./bare.pem, key: ./key.pem", "")]
    [TestCase("certificate: ./bare.crt, key: ./key.pem", "")]
    [TestCase("certificate: ./bare.pem, key: ./locked.pem, password: hunter2", "")]
    [TestCase("certificate: ./whole.pfx, password: hunter2", "")]
    [TestCase("certificate: ./nothing.pem", "tls.certificate: the file ./nothing.pem cannot be read: ")]
    [TestCase("certificate: ./whole.pem, key: ./nothing.pem", "tls.key: the file ./nothing.pem cannot be read: ")]
    [TestCase("certificate: ./bare.pem", "tls.key: ./bare.pem holds no private key. Name the PEM file that does.")]
    [TestCase("certificate: ./bare.crt", "tls.key: ./bare.crt holds no private key.")]
    [TestCase("certificate: ./bare.pem, key: ./bare.pem", "tls.key: ./bare.pem holds no private key in PEM")]
    [TestCase(
        "certificate: ./bare.pem, key: ./other.pem",
        "tls.key: the key in ./other.pem is damaged, or not of the certificate in ./bare.pem."
    )]
    [TestCase(
        "certificate: ./bare.pem, key: ./locked.pem",
        "tls.key: the key in ./locked.pem is encrypted. Give tls.password or tls.password_file."
    )]
    [TestCase("certificate: ./bare.pem, key: ./locked.pem, password: guess", "tls.password: it does not open the key in ./locked.pem")]
    [TestCase("certificate: ./whole.pfx, password: guess", "tls.password: it does not open ./whole.pfx.")]
    [TestCase("certificate: ./whole.pfx", "tls.password: it does not open ./whole.pfx.")]
    [TestCase("certificate: ./whole.pfx, key: ./key.pem", "tls.key: a PFX such as ./whole.pfx holds its own key. Remove tls.key.")]
    [TestCase("certificate: ./rubbish", "tls.certificate: ./rubbish is neither PEM nor PFX.")]
    [TestCase("certificate: ./empty", "tls.certificate: ./empty is neither PEM nor PFX.")]
    [TestCase("key: ./key.pem", "tls.key: tls.certificate is missing.")]
    [TestCase("password: a, password_file: ./rubbish", "tls.password_file: tls.password is given, too")]
    [TestCase("min_version: 1.1", "tls.min_version: 1.1 is not one of 1.2, 1.3.")]
    [TestCase("names: ['https://x']", "tls.names: \"https://x\" is not a name or address of a machine.")]
    public void A_certificate_that_cannot_be_used_is_told_by_the_key_that_has_to_change(string tls, string words)
    {
        var given = tls.Replace("./", _folder + "/", StringComparison.Ordinal);

        var mistakes = Given.File($"http: {{tls_port: 4443}}\ntls: {{{given}}}").Mistakes();

        var shown = mistakes.Select(m => m.Replace(_folder + "/", "./", StringComparison.Ordinal)).ToArray();
        Assert.That(shown, words.Length == 0 ? Is.Empty : Has.Length.EqualTo(1));
        Assert.That(string.Concat(shown), Does.Contain(words).And.Not.Contain("hunter2").And.Not.Contain("guess"));
    }

    [Test]
    public void A_certificate_that_has_ended_is_a_warning()
    {
        var warnings = Given.File($"http: {{tls_port: 4443}}\ntls: {{certificate: {At("old.pem")}}}").Warnings();

        Assert.That(warnings, Has.One.Contains("tls.certificate: it ended on "));
    }

    [TestCase("http: {tls_port: 4444}", "http.tls_port: 4444 is http.port, too (default). Use two ports.")]
    [TestCase(
        "http: {tls_port: 5000}\nwebdav: {tls_port: 5000}",
        "webdav.tls_port: 5000 is http.tls_port, too (distribyted.yaml:1:18). Use two ports."
    )]
    [TestCase(
        "http: {port: 5000}\nwebdav: {tls_port: 5000}",
        "webdav.tls_port: 5000 is http.port, too (distribyted.yaml:1:14). Use two ports."
    )]
    [TestCase("auth: {require_tls: true}", "auth.require_tls: there is no tls_port, so no user could sign in.")]
    [TestCase(
        "webdav: {enabled: false, tls_port: 5}\nauth: {require_tls: true}",
        "auth.require_tls: there is no tls_port, so no user could sign in."
    )]
    public void Keys_that_exclude_each_other_are_one_mistake(string yaml, string words)
    {
        Assert.That(Given.File(yaml).Mistakes(), Has.Length.EqualTo(1).And.One.Contains(words));
    }

    [TestCase("tls: {certificate: ./whole.pem}", "tls.certificate: it has no effect without http.tls_port or webdav.tls_port.")]
    [TestCase("tls: {min_version: 1.3}", "tls.min_version: it has no effect without")]
    [TestCase("http: {tls_port: 1}\ntls: {certificate: ./whole.pem, names: [a]}", "tls.names: it is for the self-made certificate")]
    [TestCase(
        "http: {tls_port: 1}\nwebdav: {port: 5}\nauth: {require_tls: true}",
        "no user can sign in to WebDAV: webdav.tls_port is not set."
    )]
    [TestCase("webdav: {tls_port: 1}\nauth: {require_tls: true}", "no user can sign in to the web listener: http.tls_port is not set.")]
    public void What_has_no_effect_is_a_warning(string yaml, string words)
    {
        var configured = Given.File(yaml.Replace("./", _folder + "/", StringComparison.Ordinal));

        Assert.That(configured.Mistakes(), Is.Empty);
        Assert.That(configured.Warnings(), Has.Length.EqualTo(1).And.One.Contains(words));
    }

    [TestCase("http: {tls_port: 4443, port: -1}", true, false)]
    [TestCase("http: {port: -1}", false, false)]
    [TestCase("webdav: {port: -1, tls_port: 0}", true, true)]
    [TestCase("webdav: {enabled: false, tls_port: 0}", true, false)]
    public void A_listener_listens_when_one_of_its_ports_does(string yaml, bool web, bool webdav)
    {
        var settings = Given.File(yaml).Settings;

        Assert.That((settings.WebListener.IsListening, settings.WebDavListener.IsListening), Is.EqualTo((web, webdav)));
    }

    private string At(string name)
    {
        return Path.Combine(_folder, name);
    }

    private static byte[] Pem(string text)
    {
        return System.Text.Encoding.ASCII.GetBytes(text);
    }
}
