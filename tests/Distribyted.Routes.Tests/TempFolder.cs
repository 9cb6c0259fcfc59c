namespace Distribyted.Routes.Tests;

/// <summary>A folder of this test alone, gone with it.</summary>
internal sealed class TempFolder : IDisposable
{
    internal TempFolder()
    {
        Path = Directory.CreateTempSubdirectory("distribyted-routes-").FullName;
    }

    internal string Path { get; }

    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
    }

    internal string At(string relative)
    {
        return System.IO.Path.Combine(Path, relative);
    }

    internal string Write(string relative, byte[] content)
    {
        var path = At(relative);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }
}
