namespace Distribyted.Archives.Spools;

/// <summary>A read that waits for a byte of a block.</summary>
/// <param name="offset">Which, from the start of the block.</param>
internal sealed class Demand(long offset)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long Offset { get; } = offset;

    /// <summary>Completes when the byte is there or the block is known to end before it; fails when it will not come.</summary>
    public Task Done => _done.Task;

    public void Complete()
    {
        _done.TrySetResult();
    }

    public void Fail(Exception reason)
    {
        _done.TrySetException(reason);
        _ = _done.Task.Exception; // seen: its reader may have gone
    }
}
