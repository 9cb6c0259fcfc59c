using Distribyted.Tls;

namespace Distribyted.Configuration;

/// <summary>Whether the keys of <c>tls:</c> fit each other and the ports that use them.</summary>
internal sealed class TlsCheck(Settings settings, GivenKeys given, ConfigurationReport report)
{
    public void Run()
    {
        var tls = settings.Tls;
        tls.Password = SecretFile.Choose(tls.Password, tls.PasswordFile, "tls.password", given, report) ?? "";
        if (tls.Key.Length > 0 && tls.Certificate.Length == 0)
        {
            report.Wrong(given.At("tls.key"), "tls.key", "tls.certificate is missing. Name the file with the certificate of this key.");
        }
        else if (tls.Certificate.Length > 0)
        {
            Certificate(tls);
        }

        if (!settings.HasTls)
        {
            (string Key, bool IsSet)[] keys =
            [
                ("tls.certificate", tls.Certificate.Length > 0),
                ("tls.names", tls.Names.Count > 0),
                ("tls.min_version", tls.Versions != TlsOptions.TwoOrThree),
            ];
            foreach (var (key, _) in keys.Where(k => k.IsSet))
            {
                report.Warn(given.At(key), key, "it has no effect without http.tls_port or webdav.tls_port.");
            }
        }
        else if (tls.Certificate.Length > 0 && tls.Names.Count > 0)
        {
            report.Warn(
                given.At("tls.names"),
                "tls.names",
                "it is for the self-made certificate and has no effect beside tls.certificate."
            );
        }

        if (settings.Access.RequireTls)
        {
            RequireTls();
        }
    }

    // Here and not at the start: "check" is asked for exactly this.
    private void Certificate(TlsOptions tls)
    {
        try
        {
            var certificates = CertificateFiles.Read(tls).Load(tls);
            var end = new DateTimeOffset(certificates[0].NotAfter);
            if (end < TimeProvider.System.GetUtcNow())
            {
                report.Warn(
                    given.At("tls.certificate"),
                    "tls.certificate",
                    $"it ended on {end:yyyy-MM-dd}; clients will refuse it. Renew it."
                );
            }
        }
        catch (CertificateException exception)
        {
            var key = exception.Key == "tls.password" && tls.PasswordFile.Length > 0 ? "tls.password_file" : exception.Key;
            report.Wrong(given.At(given.Has(key) ? key : "tls.certificate"), key, exception.Problem);
        }
    }

    private void RequireTls()
    {
        const string Key = "auth.require_tls";
        if (report.Mistakes.Any(m => m.Key.EndsWith(".tls_port", StringComparison.Ordinal)))
        {
            return; // there may be one
        }

        if (!settings.HasTls)
        {
            report.Wrong(given.At(Key), Key, "there is no tls_port, so no user could sign in. Set http.tls_port or webdav.tls_port.");
        }
        else if (settings.WebListener.IsListening && settings.Web.RequireSignIn && settings.WebListener.TlsPort < 0)
        {
            report.Warn(given.At(Key), Key, "no user can sign in to the web listener: http.tls_port is not set.");
        }
        else if (settings.WebDavListener.IsListening && settings.WebDav.RequireSignIn && settings.WebDavListener.TlsPort < 0)
        {
            report.Warn(given.At(Key), Key, "no user can sign in to WebDAV: webdav.tls_port is not set.");
        }
    }
}
