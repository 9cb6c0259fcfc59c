namespace Distribyted.Routes.Tests;

/// <summary>Waits for a condition. The test's own time limit ends it.</summary>
internal static class Eventually
{
    internal static async Task TrueAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (!condition())
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellationToken);
        }
    }
}
