using System.Security.Claims;
using Distribyted.Platform;
using Distribyted.Web.Api.V1;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Logging;

namespace Distribyted.Dashboard.Live;

/// <summary>A page or part of one that looks again once a second while it is visible. Derive from it.</summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _closed = new();
    private IDisposable? _subscription;
    private int _isLooking; // 1: a look is under way, the next one waits for the next second

    [Inject]
    private PageClock Clock { get; set; } = null!;

    [Inject]
    private ILogger<LivePage> Logger { get; set; } = null!;

    [Inject]
    private PageUser Viewer { get; set; } = null!;

    /// <summary>API v1, with the rights of <see cref="User"/>.</summary>
    [Inject]
    protected InProcessApi Api { get; set; } = null!;

    /// <summary>Who looks.</summary>
    protected ClaimsPrincipal User { get; private set; } = new();

    /// <summary>Whether the user may change things.</summary>
    protected bool MayChange => InProcessApi.MayChange(User);

    /// <summary>Cancelled when the page is left.</summary>
    protected CancellationToken Closed => _closed.Token;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _subscription?.Dispose();
            _closed.Cancel();
            _closed.Dispose();
        }
    }

    /// <summary>Reads what is shown.</summary>
    /// <returns>Whether it differs from what was shown; false: nothing is rendered.</returns>
    protected abstract ValueTask<bool> LookAsync();

    protected override async Task OnInitializedAsync()
    {
        User = await Viewer.GetAsync();
        await LookAsync();
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            _subscription = Clock.Subscribe(Tick);
        }
    }

    /// <summary>Looks now, not at the next second.</summary>
    protected async Task LookNowAsync()
    {
        await LookAsync();
        StateHasChanged();
    }

    private void Tick()
    {
        if (Interlocked.Exchange(ref _isLooking, 1) == 0)
        {
            Background.Forget("page", Logger, InvokeAsync(LookAndRenderAsync));
        }
    }

    private async Task LookAndRenderAsync()
    {
        try
        {
            if (!_closed.IsCancellationRequested && await LookAsync())
            {
                StateHasChanged();
            }
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
            // Left meanwhile.
        }
        catch (Exception exception) when (!_closed.IsCancellationRequested)
        {
            await DispatchExceptionAsync(exception);
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }
}
