using System.Net;
using Distribyted.Tls;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.Tests.Tls;

internal sealed class SelfMadeCertificateTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private string _folder = "";

    [SetUp]
    public void Make()
    {
        _folder = Directory.CreateTempSubdirectory("distribyted-test-").FullName;
    }

    [TearDown]
    public void Remove()
    {
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public void It_is_for_this_machine_by_all_its_names_and_for_398_days()
    {
        var certificate = Open().Current;

        Assert.That(certificate.NotAfter - certificate.NotBefore, Is.EqualTo(TimeSpan.FromDays(398)));
        foreach (var name in new[] { "localhost", "127.0.0.1", "::1", Dns.GetHostName() })
        {
            Assert.That(certificate.MatchesHostname(name, allowCommonName: false), name);
        }

        Assert.That(certificate.MatchesHostname("example.org", allowCommonName: false), Is.False);
    }

    [Test]
    public void It_is_renewed_30_days_before_its_end_while_running()
    {
        var server = Open();
        var first = server.Fingerprint;
        _time.Advance(TimeSpan.FromDays(366));
        Assert.That((server.Refresh(), server.Fingerprint), Is.EqualTo((false, first)));

        _time.Advance(TimeSpan.FromDays(2));

        Assert.That(server.Refresh());
        Assert.That(server.Fingerprint, Is.Not.EqualTo(first));
        Assert.That(server.Refresh(), Is.False);
        Assert.That(Open().Fingerprint, Is.EqualTo(server.Fingerprint), "the new one is kept");
    }

    [Test]
    public void Configured_names_make_another_one_and_then_stay()
    {
        var first = Open().Fingerprint;

        var second = Open("media.example.org", "192.0.2.7");

        Assert.That(second.Fingerprint, Is.Not.EqualTo(first));
        Assert.That(second.Current.MatchesHostname("media.example.org", allowCommonName: false));
        Assert.That(second.Current.MatchesHostname("192.0.2.7", allowCommonName: false));
        Assert.That(second.Current.MatchesHostname("localhost", allowCommonName: false));
        Assert.That(Open("media.example.org").Fingerprint, Is.EqualTo(second.Fingerprint));
    }

    [TestCase(""), TestCase("rubbish"), TestCase("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    public void A_damaged_one_is_made_anew(string content)
    {
        var first = Open().Fingerprint;
        File.WriteAllText(Path.Combine(_folder, "tls", "self-made.pem"), content);

        Assert.That(Open().Fingerprint, Is.Not.EqualTo(first));
    }

    private ServerCertificate Open(params string[] names)
    {
        return ServerCertificate.Open(new TlsOptions { Names = names }, _folder, _time);
    }
}
