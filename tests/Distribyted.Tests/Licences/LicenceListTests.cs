using System.Text.Json;
using System.Xml.Linq;
using Distribyted.Testing;

namespace Distribyted.Tests.Licences;

/// <summary>The list of what this program is made of, which the page About shows: made from the packages, so that none is missing.</summary>
/// <remarks>After a change of packages: <c>DISTRIBYTED_WRITE_LICENCES=1 dotnet test tests/Distribyted.Tests -c Release --filter LicenceListTests</c> writes it.</remarks>
internal sealed class LicenceListTests
{
    private static readonly string List = Path.Combine(Repository.Sources, "Distribyted.Dashboard", "Assets", "licences.txt");

    [Test]
    public async Task The_list_names_every_package_with_its_licence_and_owner()
    {
        using var built = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.ChangeExtension(BuiltDaemon.Path(), ".deps.json")));
        var target = built.RootElement.GetProperty("runtimeTarget").GetProperty("name").GetString()!;
        string[] lines = [.. Packages(built.RootElement, target).Select(Line).Order(StringComparer.OrdinalIgnoreCase)];
        if (target.Contains('/', StringComparison.Ordinal))
        {
            // A publish in the same tree left the program of one system, without the packages of others.
            Assert.That(await File.ReadAllLinesAsync(List), Is.SupersetOf(lines));
            return;
        }

        var expected = string.Concat(lines.Select(static line => line + "\n"));
        if (Environment.GetEnvironmentVariable("DISTRIBYTED_WRITE_LICENCES") == "1")
        {
            await File.WriteAllTextAsync(List, expected);
        }

        Assert.That(
            (await File.ReadAllTextAsync(List)).ReplaceLineEndings("\n"),
            Is.EqualTo(expected),
            "The remarks of this class say how it is written."
        );
    }

    // Of the program as it was built; analyzers and what only tests need are not in it.
    private static IEnumerable<(string Id, string Version)> Packages(JsonElement built, string target)
    {
        var files = built.GetProperty("targets").GetProperty(target);
        foreach (var library in built.GetProperty("libraries").EnumerateObject())
        {
            // Without files in the build it is only named, because another package would like it.
            if (
                library.Value.GetProperty("type").GetString() == "package"
                && files.GetProperty(library.Name).TryGetProperty("runtime", out _)
            )
            {
                var parts = library.Name.Split('/');
                yield return (parts[0], parts[1]);
            }
        }
    }

    private static string Line((string Id, string Version) package)
    {
        var folder =
            Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var id = package.Id.ToLowerInvariant();
        var about = XDocument.Load(Path.Combine(folder, id, package.Version, id + ".nuspec")).Root!;
        var licence = Of(about, "license");
        if (
            licence is null
            || licence.EndsWith(".txt", StringComparison.OrdinalIgnoreCase)
            || licence.EndsWith(".md", StringComparison.OrdinalIgnoreCase)
        )
        {
            Assert.Fail($"{package.Id} does not say its licence in its description: \"{licence ?? Of(about, "licenseUrl")}\".");
        }

        var owner = Of(about, "copyright") is { Length: > 5 } copyright ? copyright : Of(about, "authors")!; // one package has its licence there
        return $"{package.Id}|{package.Version}|{licence}|{owner.ReplaceLineEndings(" ").Trim()}";
    }

    private static string? Of(XElement about, string name)
    {
        return about.Descendants().FirstOrDefault(e => e.Name.LocalName == name)?.Value is { Length: > 0 } value ? value : null;
    }
}
