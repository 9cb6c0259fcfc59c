namespace Distribyted.Http;

/// <summary>A connection feature: the listener that took the connection sets it, because ports and Host headers lie behind a proxy or a port mapping.</summary>
public interface IDoorFeature
{
    /// <summary>The door.</summary>
    Door Door { get; }
}
