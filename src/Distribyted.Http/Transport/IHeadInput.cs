namespace Distribyted.Http.Transport;

/// <summary>A connection feature: reads heads that are not ASCII, and so has to know where they are.</summary>
internal interface IHeadInput
{
    /// <summary>A head was read; its request is being answered.</summary>
    /// <param name="body">Bytes of its body; null: not known yet.</param>
    void BodyFollows(long? body);
}
