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

    /// <summary>A secret that stands in a key, or in the file that the key with <c>_file</c> at its end names; null: neither was given, or what was
    /// given cannot be used, which is reported.</summary>
    public static string? Choose(string value, string file, string valueKey, GivenKeys given, ConfigurationReport report)
    {
        if (file.Length == 0)
        {
            return value.Length == 0 ? null : value;
        }

        var key = valueKey + "_file";
        if (value.Length > 0)
        {
            report.Wrong(given.At(key), key, $"{valueKey} is given, too ({given.At(valueKey)}). Keep one.");
            return null;
        }

        var password = Read(file, given.At(key), key, report);
        if (password is not null && !PasswordRule.Accepts(password))
        {
            report.Wrong(given.At(key), key, $"the first line of that file must have {PasswordRule.Text}.");
            return null;
        }

        return password;
    }
}
