using Distribyted.Dashboard.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Distribyted.Dashboard;

/// <summary>Puts the pages into an application.</summary>
public static class DashboardServices
{
    /// <summary>The pages. The application registers what <c>AddWeb</c> needs, and <c>AddWeb</c>. Nothing of Blazor is loaded before the first request for a page.</summary>
    public static IServiceCollection AddDashboard(this IServiceCollection services)
    {
        services.AddSingleton<LazyPages>();
        return services;
    }
}
