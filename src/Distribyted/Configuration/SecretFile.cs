namespace Distribyted.Configuration;

/// <summary>A secret in a file of its own (container and systemd credentials): its first line.</summary>
internal static class SecretFile
{
    /// <summary>The first line; null when the file cannot be read, which is reported.</summary>
    public static string? Read(string path, Origin origin, string key, ConfigurationReport report)
    {
        try
        {
            using var reader = new StreamReader(path);
            return reader.ReadLine() ?? "";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            report.Wrong(origin, key, $"the file \"{path}\" cannot be read: {exception.Message}");
            return null;
        }
    }
}
