namespace Distribyted.Lab;

/// <summary>Reads as a video player does, in real time, and counts how often the picture would have stood still.</summary>
public sealed class ScriptedPlayer
{
    /// <summary>Reads at an offset; returns as many bytes as there are at hand, 0 at the end.</summary>
    public delegate ValueTask<int> Read(long offset, Memory<byte> destination, CancellationToken cancellationToken);

    private readonly Read _read;
    private readonly long _length;
    private readonly TimeProvider _time;

    /// <summary>A player for anything that can be read.</summary>
    /// <param name="read">Gives bytes.</param>
    /// <param name="length">Bytes of the film.</param>
    /// <param name="time">The clock; null: the system's.</param>
    public ScriptedPlayer(Read read, long length, TimeProvider? time = null)
    {
        _read = read;
        _length = length;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Plays a URL: one request per place, as players do; the connection is dropped at each seek.</summary>
    /// <exception cref="HttpRequestException">The server does not answer ranges.</exception>
    public static async Task<PlayReport> PlayAsync(HttpClient client, Uri url, PlayScript script, CancellationToken cancellationToken)
    {
        using var head = new HttpRequestMessage(HttpMethod.Head, url);
        using var answer = await client.SendAsync(head, cancellationToken);
        answer.EnsureSuccessStatusCode();
        var length = answer.Content.Headers.ContentLength ?? throw new HttpRequestException("The server does not tell the length.");
        await using var source = new HttpFilm(client, url);
        return await new ScriptedPlayer(source.ReadAsync, length).PlayAsync(script, cancellationToken);
    }

    /// <summary>Plays the script.</summary>
    public Task<PlayReport> PlayAsync(PlayScript script, CancellationToken cancellationToken)
    {
        return new Playback(_read, _length, script, _time).RunAsync(cancellationToken);
    }
}
