using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Distribyted.Tests.Tls;

/// <summary>An authority, one below it, and a server's certificate from that: what users get from a real one.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    public TestCertificates()
    {
        Root = Authority("CN=Test Root", _rootKey).CreateSelfSigned(_now.AddDays(-2), _now.AddDays(30));
        using var middle = Authority("CN=Test Middle", _middleKey).Create(Root, _now.AddDays(-1), _now.AddDays(20), [1, 2, 3]);
        Middle = middle.CopyWithPrivateKey(_middleKey);
    }

    public X509Certificate2 Root { get; }

    public X509Certificate2 Middle { get; }

    public string Chain => Middle.ExportCertificatePem();

    /// <summary>A server's certificate with its key.</summary>
    /// <param name="days">From now until its end; negative: it has ended.</param>
    public X509Certificate2 Server(int days = 10)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(
            Middle.SubjectName,
            X509SignatureGenerator.CreateForECDsa(_middleKey),
            _now.AddHours(-23).AddDays(Math.Min(0, days)),
            _now.AddDays(days),
            RandomNumberGenerator.GetBytes(8)
        );
        return signed.CopyWithPrivateKey(key);
    }

    public static string KeyOf(X509Certificate2 certificate, string? password = null)
    {
        using var key = certificate.GetRSAPrivateKey()!;
        return password is null
            ? key.ExportPkcs8PrivateKeyPem()
            : key.ExportEncryptedPkcs8PrivateKeyPem(
                password,
                new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)
            );
    }

    public void Dispose()
    {
        Root.Dispose();
        Middle.Dispose();
        _rootKey.Dispose();
        _middleKey.Dispose();
    }

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request;
    }
}
