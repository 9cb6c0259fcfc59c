using Distribyted.Routes.Sharing;
using Distribyted.Routes.Sources;

namespace Distribyted.Routes;

/// <summary><c>routes:</c> and <c>servers:</c> as the configuration file has them.</summary>
public sealed record RouteOptions
{
    /// <summary>Folder of the catalog (<c>catalog.db</c>); the engine's metadata folder.</summary>
    public string MetadataFolder { get; set; } = "./distribyted-data/metadata";

    /// <summary>Routes, in file order.</summary>
    public IReadOnlyList<ConfiguredRoute> Routes { get; set; } = [];

    /// <summary>Folders to share.</summary>
    public IReadOnlyList<ConfiguredServer> Servers { get; set; } = [];
}
