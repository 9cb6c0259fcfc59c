using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Distribyted.Platform;

namespace Distribyted.Tls;

/// <summary>The certificate that is made when none is configured: kept in <c>tls/</c> of the metadata folder, so that what clients were told to trust stays good.</summary>
/// <remarks>Made anew only near its end or for other <c>tls.names</c>: an address that a router hands out anew is no reason to frighten every client.</remarks>
internal sealed class SelfMadeCertificate(string folder, IReadOnlyList<string> names, TimeProvider time)
{
    private const string PrivateName = "self-made.pem"; // certificate and key
    private const string PublicName = "certificate.crt"; // for clients that are to trust it

    private static readonly TimeSpan Life = TimeSpan.FromDays(398); // Apple's longest
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);
    private static readonly TimeSpan ClocksDiffer = TimeSpan.FromDays(1);

    /// <summary>Where it is without its key, for clients that are to trust it.</summary>
    public string PublicPath => Path.Combine(folder, PublicName);

    /// <summary>The kept one, or a new one that is kept from now on.</summary>
    /// <exception cref="CertificateException">The folder cannot be written.</exception>
    public X509Certificate2 Load()
    {
        var path = Path.Combine(folder, PrivateName);
        try
        {
            if (File.Exists(path) && Read(path) is { } kept)
            {
                if (!IsDue(kept) && HasNames(kept))
                {
                    return kept;
                }

                kept.Dispose();
            }

            var made = Make();
            Keep(made, path);
            return made;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CertificateException(
                "torrent.metadata_folder",
                $"the certificate {path} cannot be kept: {exception.Message}",
                exception
            );
        }
    }

    /// <summary>Whether its end is near.</summary>
    public bool IsDue(X509Certificate2 certificate)
    {
        return time.GetUtcNow() > new DateTimeOffset(certificate.NotAfter) - RenewBefore;
    }

    // A damaged file is no reason not to start.
    private static X509Certificate2? Read(string path)
    {
        try
        {
            using var read = X509Certificate2.CreateFromPemFile(path);
            return CertificateFiles.Usable(read);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private bool HasNames(X509Certificate2 certificate)
    {
        return names.All(name => certificate.MatchesHostname(name, allowWildcards: false, allowCommonName: false));
    }

    private X509Certificate2 Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=distribyted", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(AllNames());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true)); // not a certificate authority
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false)); // serverAuth
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = time.GetUtcNow();
        using var made = request.CreateSelfSigned(now - ClocksDiffer, now - ClocksDiffer + Life);
        return CertificateFiles.Usable(made);
    }

    private X509Extension AllNames()
    {
        var wanted = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "localhost", "127.0.0.1", "::1" };
        wanted.UnionWith(names.Count > 0 ? names : OfThisMachine());
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in wanted)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                builder.AddIpAddress(address);
            }
            else
            {
                builder.AddDnsName(name);
            }
        }

        return builder.Build();
    }

    private static IEnumerable<string> OfThisMachine()
    {
        var host = Dns.GetHostName();
        if (Uri.CheckHostName(host) == UriHostNameType.Dns)
        {
            yield return host;
            if (!host.Contains('.', StringComparison.Ordinal))
            {
                yield return host + ".local"; // what Bonjour and Avahi call it
            }
        }

        var addresses = NetworkInterface
            .GetAllNetworkInterfaces()
            .Where(i => i.OperationalStatus == OperationalStatus.Up)
            .SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Select(a => a.Address)
            .Where(a => a.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 && !a.IsIPv6LinkLocal);
        foreach (var address in addresses)
        {
            yield return new IPAddress(address.GetAddressBytes()).ToString(); // without a scope
        }
    }

    private void Keep(X509Certificate2 certificate, string path)
    {
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        using var key = certificate.GetECDsaPrivateKey()!;
        var text = $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
        DurableFile.Replace(path, stream => stream.Write(Encoding.ASCII.GetBytes(text)), isPrivate: true);
        File.WriteAllText(PublicPath, certificate.ExportCertificatePem() + "\n");
    }
}
