namespace Distribyted.WebDav.Writing;

/// <summary>One write at a time through this listener: between the check of conditions and locks and the write nothing can change.</summary>
/// <remarks>Bodies are read before the gate is taken, and answers with a body are sent when it is left, so that no request waits in it for a slow client.</remarks>
internal sealed class WriteGate : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>Waits until no other write is under way; disposing the result ends it.</summary>
    public async ValueTask<Turn> EnterAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        return new Turn(_gate);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gate.Dispose();
    }

    /// <summary>The right to write.</summary>
    public readonly struct Turn(SemaphoreSlim gate) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose()
        {
            gate.Release();
        }
    }
}
