namespace Distribyted.Configuration;

/// <summary>Which file is read, and the template where there is none.</summary>
/// <param name="Name">Path for messages.</param>
/// <param name="Bytes">What it holds; null when it cannot be read, which is reported.</param>
/// <param name="Note">A note for the user (written, or not writable); null: none.</param>
internal sealed record ConfigurationFile(string Name, byte[]? Bytes, string? Note)
{
    public const string Variable = "DISTRIBYTED_CONFIG";
    private const string Here = "./distribyted.yaml";
    private const string Former = "./distribyted-data/config/config.yaml"; // where container volumes of earlier versions have it

    /// <summary>The file at <paramref name="wanted"/>; without one <c>./distribyted.yaml</c>, else the place of earlier versions, else the template is
    /// written, unless <paramref name="mayWrite"/> is false.</summary>
    public static ConfigurationFile Find(string? wanted, Origin wantedBy, bool mayWrite, ConfigurationReport report)
    {
        var path = wanted ?? (File.Exists(Here) || !File.Exists(Former) ? Here : Former);
        var name = path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;
        if (Directory.Exists(path))
        {
            report.Wrong(wantedBy, "", $"{name} is a folder, not a file.");
            return new ConfigurationFile(name, null, null);
        }

        try
        {
            if (File.Exists(path))
            {
                return new ConfigurationFile(name, File.ReadAllBytes(path), null);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            report.Wrong(wantedBy, "", $"{name} cannot be read: {exception.Message}");
            return new ConfigurationFile(name, null, null);
        }

        var template = Template();
        if (!mayWrite)
        {
            return new ConfigurationFile(name, template, $"There is no {name}; the built-in one is used.");
        }

        try
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(path));
            Directory.CreateDirectory(folder!);
            File.WriteAllBytes(path, template);
            return new ConfigurationFile(name, template, $"A configuration was written: {Path.GetFullPath(path)}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new ConfigurationFile(name, template, $"{name} could not be written ({exception.Message}); the built-in one is used.");
        }
    }

    /// <summary>The <c>distribyted.yaml</c> of this version.</summary>
    public static byte[] Template()
    {
        using var stream =
            typeof(ConfigurationFile).Assembly.GetManifestResourceStream("distribyted.yaml")
            ?? throw new InvalidOperationException("The template is not in the assembly.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
