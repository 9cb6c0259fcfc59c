using System.Runtime.InteropServices;

namespace Distribyted.Hosting;

/// <summary>OpenSSL, a library of the system, computes every hash and random number. Without it the runtime ends the process in the middle of the first; the
/// smallest images of systems have none.</summary>
internal static partial class OpenSsl
{
    /// <summary>What an owner has to do before anything works; null: it is there, or is not needed on this system.</summary>
    public static string? Missing()
    {
        return !OperatingSystem.IsLinux() || IsAvailable()
            ? null
            : "OpenSSL (libssl) is not installed: apt-get install libssl3, dnf install openssl-libs, apk add libssl3.";
    }

    private static bool IsAvailable()
    {
        try
        {
            return OpenSslAvailable() != 0;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return true; // another runtime, which knows better
        }
    }

    // What the runtime itself asks when it may do without.
    [LibraryImport("libSystem.Security.Cryptography.Native.OpenSsl", EntryPoint = "CryptoNative_OpenSslAvailable")]
    private static partial int OpenSslAvailable();
}
