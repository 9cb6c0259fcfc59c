namespace Distribyted.Interop.Tests.Support;

/// <summary>A folder that goes with the test.</summary>
internal sealed class TempFolder : IDisposable
{
    public TempFolder()
    {
        Path = Directory.CreateTempSubdirectory("distribyted-interop-").FullName;
    }

    public string Path { get; }

    public string At(params ReadOnlySpan<string> names)
    {
        return System.IO.Path.Combine([Path, .. names]);
    }

    public string Make(params ReadOnlySpan<string> names)
    {
        return Directory.CreateDirectory(At(names)).FullName;
    }

    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
    }
}
