namespace Distribyted.Web.Connect;

/// <summary>A file that helps to connect a program.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Path">Where it is, below the address of these pages and without a leading slash.</param>
public sealed record RecipeFile(string Name, string Path);
