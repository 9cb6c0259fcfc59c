using System.Security.Authentication;

namespace Distribyted.Tls;

/// <summary><c>tls:</c> of the configuration: the certificate of every <c>tls_port</c>.</summary>
internal sealed record TlsOptions
{
    /// <summary>PEM with its chain, or PFX; empty: one is made and kept in the metadata folder.</summary>
    public string Certificate { get; set; } = "";

    /// <summary>PEM with the private key; empty: it is in <see cref="Certificate"/>.</summary>
    public string Key { get; set; } = "";

    /// <summary>Of the key or the PFX; empty: none.</summary>
    public string Password { get; set; } = "";

    /// <summary>Path of a file whose first line is the password; empty: none.</summary>
    public string PasswordFile { get; set; } = "";

    /// <summary>Names and addresses in the self-made certificate, beside this machine's loopback; empty: all of this machine.</summary>
    public IReadOnlyList<string> Names { get; set; } = [];

    /// <summary>Versions that are spoken.</summary>
    public SslProtocols Versions { get; set; } = TwoOrThree;

    /// <summary>TLS 1.2 and 1.3: Windows 7, old televisions and davfs2 on old systems know nothing newer than 1.2.</summary>
    public static SslProtocols TwoOrThree => SslProtocols.Tls12 | SslProtocols.Tls13;
}
