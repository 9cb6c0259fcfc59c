namespace Distribyted.Web.Bodies;

/// <summary>Bodies in memory.</summary>
internal static class Bytes
{
    /// <summary>All of a stream; null: it has more than <paramref name="most"/> bytes.</summary>
    public static async Task<byte[]?> ReadAllAsync(Stream content, long most, CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await content.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (all.Length + read > most)
            {
                return null;
            }

            all.Write(buffer, 0, read);
        }

        return all.ToArray();
    }
}
