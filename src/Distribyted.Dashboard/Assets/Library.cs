namespace Distribyted.Dashboard.Assets;

/// <summary>A library that this program is made of.</summary>
/// <param name="Name">Of the package.</param>
/// <param name="Version">Of the package.</param>
/// <param name="Licence">Its SPDX name.</param>
/// <param name="Owner">Whose it is.</param>
internal sealed record Library(string Name, string Version, string Licence, string Owner)
{
    /// <summary>All of them; a test makes the list from the packages of the build.</summary>
    public static IReadOnlyList<Library> Read()
    {
        using var stream = typeof(Library).Assembly.GetManifestResourceStream("assets/licences.txt")!;
        using var reader = new StreamReader(stream);
        return
        [
            .. reader
                .ReadToEnd()
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(static line => line.Trim('\r').Split('|', 4))
                .Where(static parts => parts.Length == 4)
                .Select(static parts => new Library(parts[0], parts[1], parts[2], parts[3])),
        ];
    }
}
