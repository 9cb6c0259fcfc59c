using Distribyted.Web.Connect;

namespace Distribyted.Web.Api.V1.Contracts;

/// <summary>By which addresses this server is reached, and how each program is connected.</summary>
/// <param name="Web">These pages, as the request reached them.</param>
/// <param name="Files">Files over HTTP.</param>
/// <param name="WebDav">The mount, best first; empty: it is not served.</param>
/// <param name="Recipes">A recipe for each program; empty: the mount is not served.</param>
internal sealed record ConnectView(string Web, string Files, IReadOnlyList<string> WebDav, IReadOnlyList<RecipeView> Recipes);

/// <summary>How one program is connected.</summary>
/// <param name="Id">Lower-case name.</param>
/// <param name="Name">Name of the program.</param>
/// <param name="Devices">Where it runs.</param>
/// <param name="Steps">What to do, in order.</param>
/// <param name="Notes">What to know.</param>
/// <param name="Files">Addresses of files that help.</param>
internal sealed record RecipeView(
    string Id,
    string Name,
    string Devices,
    IReadOnlyList<RecipeStep> Steps,
    IReadOnlyList<string> Notes,
    IReadOnlyList<string> Files
);

/// <summary>What the self-check found.</summary>
/// <param name="Items">One for each step.</param>
internal sealed record CheckView(IReadOnlyList<CheckResult> Items);
