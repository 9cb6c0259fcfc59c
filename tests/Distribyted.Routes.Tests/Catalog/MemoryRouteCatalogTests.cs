using Distribyted.Routes.Catalog;

namespace Distribyted.Routes.Tests.Catalog;

internal sealed class MemoryRouteCatalogTests : RouteCatalogConformance
{
    private MemoryRouteCatalog.Store _store = new();

    [SetUp]
    public void Begin()
    {
        _store = new MemoryRouteCatalog.Store();
    }

    protected override IRouteCatalog Open()
    {
        return new MemoryRouteCatalog(_store);
    }
}
