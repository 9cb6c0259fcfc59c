namespace Distribyted.BitTorrent.Discovery.Http;

/// <summary>An answer whose body was not read yet.</summary>
/// <param name="Response">It.</param>
/// <param name="From">The address that gave it, behind redirects.</param>
public sealed record OutgoingAnswer(HttpResponseMessage Response, Uri From) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Response.Dispose();
    }
}
