namespace Distribyted.Archives.Tests.Workshop;

/// <summary>Archives of other programs, in the folder <c>Samples</c> beside the tests.</summary>
internal static class Samples
{
    public static TestSource Source(params ReadOnlySpan<string> names)
    {
        var volumes = new List<TestVolume>();
        foreach (var name in names)
        {
            var volume = new TestVolume(name);
            volume.Add(Read(name));
            volumes.Add(volume);
        }

        return new TestSource(volumes);
    }

    public static byte[] Read(string name)
    {
        return File.ReadAllBytes(PathOf(name));
    }

    public static string PathOf(string name)
    {
        return Path.Combine(AppContext.BaseDirectory, "Samples", name);
    }
}
