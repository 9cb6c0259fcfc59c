namespace Distribyted.Testing;

/// <summary>A folder of this test alone, gone with it.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("distribyted-").FullName;

    public string At(params ReadOnlySpan<string> names)
    {
        return System.IO.Path.Combine([Path, .. names]);
    }

    /// <summary>Makes a folder in it.</summary>
    public string Make(params ReadOnlySpan<string> names)
    {
        return Directory.CreateDirectory(At(names)).FullName;
    }

    /// <summary>Makes a file in it, and the folders above.</summary>
    public string Write(string relative, byte[] content)
    {
        var path = At(relative);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
    }
}
