using System.Collections;
using System.Text;
using Distribyted.Configuration;

namespace Distribyted.Tests.Configuration;

/// <summary>Configurations for tests.</summary>
internal static class Given
{
    public static Configured File(string yaml)
    {
        return ConfigurationReader.ReadText("distribyted.yaml", Encoding.UTF8.GetBytes(yaml));
    }

    /// <summary>A file, variables and flags together; the file is in a folder of its own.</summary>
    public static Configured All(string yaml, IDictionary? variables = null, params string[] flags)
    {
        var folder = Directory.CreateTempSubdirectory("distribyted-test-").FullName;
        try
        {
            var path = Path.Combine(folder, "distribyted.yaml");
            System.IO.File.WriteAllText(path, yaml);
            return ConfigurationReader.Read(path, flags, variables ?? new Hashtable(), mayWrite: false);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static string[] Mistakes(this Configured configured)
    {
        return [.. configured.Report.Mistakes.Select(m => $"{m.Origin} {m.Text}")];
    }

    public static string[] Warnings(this Configured configured)
    {
        return [.. configured.Report.Warnings.Select(m => $"{m.Origin} {m.Text}")];
    }
}
