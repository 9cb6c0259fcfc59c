using System.Security.Cryptography;
using System.Text;
using Distribyted.Configuration;
using Distribyted.Http.Users;
using Distribyted.Platform;

namespace Distribyted.Hosting;

/// <summary>The password that is generated when none is configured: kept in <c>credentials</c> (mode 0600), printed at every start until it was used.</summary>
internal sealed class Credentials
{
    private const string FileName = "credentials";
    private const string Alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"; // nothing that looks like something else
    private const int PasswordLength = 20;
    private const string UsedMark = "used: true";

    private readonly string _path;
    private int _used;

    private Credentials(string path, string name, string password, bool used)
    {
        _path = path;
        Name = name;
        Password = password;
        _used = used ? 1 : 0;
    }

    public string Name { get; }

    public string Password { get; }

    /// <summary>Whether a client has signed in with it; then it is printed no more.</summary>
    public bool WasUsed => Volatile.Read(ref _used) == 1;

    public HttpUser User => HttpUser.Create(Name, Password);

    /// <summary>The kept password, or a new one. Another name than the kept one gets a new password.</summary>
    /// <exception cref="StartupException">The file cannot be read or written.</exception>
    public static Credentials Load(Settings settings, string name)
    {
        var path = Path.Combine(settings.Engine.MetadataFolder, FileName);
        try
        {
            if (File.Exists(path) && Parse(path, File.ReadAllLines(path)) is { } kept && kept.Name == name)
            {
                return kept;
            }

            var made = new Credentials(path, name, RandomNumberGenerator.GetString(Alphabet, PasswordLength), used: false);
            made.Save();
            return made;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"torrent.metadata_folder: {path} cannot be kept: {exception.Message}", exception);
        }
    }

    /// <summary>Notes that a client has signed in with it.</summary>
    public void MarkUsed()
    {
        if (Interlocked.Exchange(ref _used, 1) == 0)
        {
            Save();
        }
    }

    private static Credentials? Parse(string path, string[] lines)
    {
        var name = Value(lines, "user: ");
        var password = Value(lines, "pass: ");
        return name is null || password is null ? null : new Credentials(path, name, password, lines.Contains(UsedMark));
    }

    private static string? Value(string[] lines, string key)
    {
        return lines.FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal))?[key.Length..];
    }

    private void Save()
    {
        var text = $"user: {Name}\npass: {Password}\n{(WasUsed ? UsedMark + "\n" : "")}";
        DurableFile.Replace(_path, stream => stream.Write(Encoding.UTF8.GetBytes(text)), isPrivate: true);
    }
}
