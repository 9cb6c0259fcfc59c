using Distribyted.Http.Clients;

namespace Distribyted.Web.Connect;

/// <summary>How to connect one program.</summary>
/// <param name="Id">Lower-case, for addresses.</param>
/// <param name="Kind">The program, as its requests are known.</param>
/// <param name="Name">Its name.</param>
/// <param name="Devices">Where it runs.</param>
/// <param name="Steps">What to do, in order.</param>
/// <param name="Notes">What to know beforehand; whole sentences.</param>
/// <param name="Files">Files that help.</param>
public sealed record Recipe(
    string Id,
    ClientKind Kind,
    string Name,
    string Devices,
    IReadOnlyList<RecipeStep> Steps,
    IReadOnlyList<string> Notes,
    IReadOnlyList<RecipeFile> Files
);
