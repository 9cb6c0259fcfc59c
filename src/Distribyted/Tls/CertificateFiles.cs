using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Distribyted.Tls;

/// <summary>The files that <c>tls.certificate</c> and <c>tls.key</c> name, as bytes and as a certificate with its key and chain.</summary>
/// <param name="Certificate">Content of <c>tls.certificate</c>.</param>
/// <param name="Key">Content of <c>tls.key</c>; null: the key is in the other file.</param>
internal sealed record CertificateFiles(byte[] Certificate, byte[]? Key)
{
    private const int MaxLength = 1 << 20; // a chain has 10 KB

    /// <summary>Reads both files, without looking at what they hold.</summary>
    /// <exception cref="CertificateException">One of them cannot be read.</exception>
    public static CertificateFiles Read(TlsOptions options)
    {
        return new CertificateFiles(
            Bytes("tls.certificate", options.Certificate),
            options.Key.Length == 0 ? null : Bytes("tls.key", options.Key)
        );
    }

    /// <summary>Whether nothing was written since.</summary>
    public bool IsSame(CertificateFiles? other)
    {
        return other is not null
            && Certificate.AsSpan().SequenceEqual(other.Certificate)
            && (Key ?? []).AsSpan().SequenceEqual(other.Key ?? []);
    }

    /// <summary>The certificate with its private key, and the others that stand beside it (the chain).</summary>
    /// <exception cref="CertificateException">They do not hold what is needed, or the password is wrong.</exception>
    public X509Certificate2Collection Load(TlsOptions options)
    {
        var text = Encoding.Latin1.GetString(Certificate); // PEM is ASCII
        if (text.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal))
        {
            return FromPem(text, options);
        }

        return Kind() == X509ContentType.Cert ? FromPem(X509CertificateLoader.LoadCertificate(Certificate).ExportCertificatePem(), options)
            : Key is not null
                ? throw new CertificateException("tls.key", $"a PFX such as {options.Certificate} holds its own key. Remove tls.key.")
            : FromPfx(options);
    }

    private X509Certificate2Collection FromPem(string text, TlsOptions options)
    {
        var (keyName, keyFile) = Key is null ? ("tls.certificate", options.Certificate) : ("tls.key", options.Key);
        var keyText = Key is null ? text : Encoding.Latin1.GetString(Key);
        if (!keyText.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            throw Key is null
                ? new CertificateException("tls.key", $"{options.Certificate} holds no private key. Name the PEM file that does.")
                : new CertificateException("tls.key", $"{options.Key} holds no private key in PEM (-----BEGIN PRIVATE KEY-----).");
        }

        var isEncrypted = keyText.Contains("ENCRYPTED", StringComparison.Ordinal);
        if (isEncrypted && options.Password.Length == 0)
        {
            throw new CertificateException(keyName, $"the key in {keyFile} is encrypted. Give tls.password or tls.password_file.");
        }

        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(text);
            using var own = isEncrypted
                ? X509Certificate2.CreateFromEncryptedPem(text, keyText, options.Password)
                : X509Certificate2.CreateFromPem(text, keyText);
            certificates[0].Dispose();
            certificates[0] = Usable(own);
            return certificates;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw isEncrypted
                ? new CertificateException(
                    "tls.password",
                    $"it does not open the key in {keyFile}, or that is not of {options.Certificate}.",
                    exception
                )
                : new CertificateException(
                    keyName,
                    $"the key in {keyFile} is damaged, or not of the certificate in {options.Certificate}.",
                    exception
                );
        }
    }

    private X509Certificate2Collection FromPfx(TlsOptions options)
    {
        X509Certificate2Collection all;
        try
        {
            all = X509CertificateLoader.LoadPkcs12Collection(Certificate, options.Password);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw Kind() == X509ContentType.Pkcs12
                ? new CertificateException("tls.password", $"it does not open {options.Certificate}.", exception)
                : new CertificateException("tls.certificate", $"{options.Certificate} is neither PEM nor PFX.", exception);
        }

        var own =
            all.FirstOrDefault(c => c.HasPrivateKey)
            ?? throw new CertificateException("tls.certificate", $"{options.Certificate} holds no private key. Export it with its key.");
        return [own, .. all.Where(c => !ReferenceEquals(c, own))];
    }

    /// <summary>Windows speaks TLS only with keys that are in one of its stores.</summary>
    public static X509Certificate2 Usable(X509Certificate2 certificate)
    {
        return OperatingSystem.IsWindows()
            ? X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), password: null)
            : new X509Certificate2(certificate);
    }

    private X509ContentType Kind()
    {
        try
        {
            return X509Certificate2.GetCertContentType(Certificate);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            return X509ContentType.Unknown;
        }
    }

    private static byte[] Bytes(string key, string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > MaxLength)
            {
                throw new CertificateException(key, $"{path} has {file.Length} bytes; that is no certificate.");
            }

            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CertificateException(key, $"the file {path} cannot be read: {exception.Message}", exception);
        }
    }
}
