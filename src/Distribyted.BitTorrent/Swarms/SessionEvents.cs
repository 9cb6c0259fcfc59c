namespace Distribyted.BitTorrent.Swarms;

/// <summary>Passes on what happens in the engine. Safe for use by many threads.</summary>
internal sealed class SessionEvents
{
    private volatile Action<SessionEvent>? _receiver;

    /// <summary>Sets who is told; null: no receiver.</summary>
    /// <param name="receiver">Called inside locks of swarms, so it only notes the event: it calls nothing of the engine, and does not wait.</param>
    public void PassTo(Action<SessionEvent>? receiver)
    {
        _receiver = receiver;
    }

    public void Raise(in SessionEvent happened)
    {
        _receiver?.Invoke(happened);
    }
}
