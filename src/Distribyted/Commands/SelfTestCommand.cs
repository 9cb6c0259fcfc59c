namespace Distribyted.Commands;

/// <summary><c>selftest</c>.</summary>
internal static class SelfTestCommand
{
    public static Task<int> RunAsync(CancellationToken cancellationToken)
    {
        return Task.FromResult(cancellationToken.IsCancellationRequested ? 1 : 0);
    }
}
