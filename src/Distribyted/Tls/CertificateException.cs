namespace Distribyted.Tls;

/// <summary>A certificate that cannot be used: the key of the configuration that has to change, and why. Never holds the password.</summary>
internal sealed class CertificateException(string key, string problem, Exception? inner = null) : Exception($"{key}: {problem}", inner)
{
    /// <summary><c>tls.certificate</c>.</summary>
    public string Key { get; } = key;

    /// <summary>What is wrong and what to do.</summary>
    public string Problem { get; } = problem;
}
