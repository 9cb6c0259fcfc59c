using Microsoft.AspNetCore.Components.Server.Circuits;

namespace Distribyted.Dashboard.Live;

/// <summary>Stops the clock of a page whose browser is gone. Blazor keeps such a page for minutes, in case the browser comes back.</summary>
internal sealed class PageConnection(PageClock clock) : CircuitHandler
{
    public override Task OnConnectionUpAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        clock.SetConnected(true);
        return Task.CompletedTask;
    }

    public override Task OnConnectionDownAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        clock.SetConnected(false);
        return Task.CompletedTask;
    }
}
