using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Distribyted.Tls;

/// <summary>The certificate that the next handshake shows. Handshakes read one immutable snapshot; <see cref="Refresh"/> swaps it.</summary>
internal sealed class ServerCertificate
{
    private readonly TlsOptions _options;
    private readonly SelfMadeCertificate? _selfMade;
    private SslStreamCertificateContext _context;
    private CertificateFiles? _files;

    private ServerCertificate(TlsOptions options, SelfMadeCertificate? selfMade, CertificateFiles? files)
    {
        _options = options;
        _selfMade = selfMade;
        _files = files;
        _context = Context(selfMade is null ? files!.Load(options) : [selfMade.Load()]);
    }

    /// <summary>What is shown right now.</summary>
    public X509Certificate2 Current => Volatile.Read(ref _context).TargetCertificate;

    /// <summary>Where a self-made one can be found without its key; null: it was given.</summary>
    public string? PublicPath => _selfMade?.PublicPath;

    /// <summary>As browsers show it: <c>AB:CD:...</c>, SHA-256.</summary>
    public string Fingerprint =>
        string.Join(':', Convert.ToHexString(Current.GetCertHash(HashAlgorithmName.SHA256)).Chunk(2).Select(c => new string(c)));

    /// <summary>Reads the configured certificate, or the kept one, or makes one.</summary>
    /// <exception cref="CertificateException">There is none that can be used.</exception>
    public static ServerCertificate Open(TlsOptions options, string metadataFolder, TimeProvider time)
    {
        return options.Certificate.Length > 0
            ? new ServerCertificate(options, null, CertificateFiles.Read(options))
            : new ServerCertificate(options, new SelfMadeCertificate(Path.Combine(metadataFolder, "tls"), options.Names, time), null);
    }

    /// <summary>For one handshake.</summary>
    public SslServerAuthenticationOptions Handshake()
    {
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = Volatile.Read(ref _context),
            EnabledSslProtocols = _options.Versions,
            ApplicationProtocols = [SslApplicationProtocol.Http11],
            ClientCertificateRequired = false,
        };
    }

    /// <summary>Takes files that were written since, or makes a new certificate when the end of the old one is near. One caller at a time.</summary>
    /// <returns>Whether another certificate is shown from now on.</returns>
    /// <exception cref="CertificateException">The new files cannot be used, or a new certificate cannot be kept; the former one stays. Thrown once for
    /// the same files.</exception>
    public bool Refresh()
    {
        if (_selfMade is not null)
        {
            if (!_selfMade.IsDue(Current))
            {
                return false;
            }

            Volatile.Write(ref _context, Context([_selfMade.Load()]));
            return true;
        }

        var files = CertificateFiles.Read(_options);
        if (files.IsSame(_files))
        {
            return false;
        }

        _files = files;
        Volatile.Write(ref _context, Context(files.Load(_options)));
        return true;
    }

    // Handshakes may still use the former one, so nothing is disposed here.
    private static SslStreamCertificateContext Context(X509Certificate2Collection certificates)
    {
        return SslStreamCertificateContext.Create(certificates[0], [.. certificates.Skip(1)], offline: true);
    }
}
