using System.Net.Http.Headers;

namespace Distribyted.Lab;

/// <summary>Reads as a video player does, in real time, and counts how often the picture would have stood still.</summary>
public sealed class ScriptedPlayer
{
    private const int ReadLength = 64 * 1024;

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
        await using var source = new HttpPlace(client, url);
        return await new ScriptedPlayer(source.ReadAsync, length).PlayAsync(script, cancellationToken);
    }

    /// <summary>Plays the script.</summary>
    public async Task<PlayReport> PlayAsync(PlayScript script, CancellationToken cancellationToken)
    {
        var buffer = new byte[ReadLength];
        var start = _time.GetTimestamp();
        var firstByte = TimeSpan.Zero;
        var bytes = 0L;

        async Task<int> TakeAsync(long offset, long most)
        {
            var read = await _read(offset, buffer.AsMemory(0, (int)Math.Min(buffer.Length, most)), cancellationToken);
            firstByte = bytes == 0 && read > 0 ? _time.GetElapsedTime(start) : firstByte;
            bytes += read;
            return read;
        }

        async Task TakeAllAsync(long from, long count)
        {
            for (var end = Math.Min(from + count, _length); from < end; )
            {
                var read = await TakeAsync(from, end - from);
                if (read == 0)
                {
                    throw new EndOfStreamException($"The film ended at byte {from} of {_length}.");
                }

                from += read;
            }
        }

        await TakeAllAsync(0, script.Head);
        await TakeAllAsync(Math.Max(0, _length - script.Tail), script.Tail);
        var opened = _time.GetElapsedTime(start);

        var seeks = new List<TimeSpan>();
        var (stalls, stalled) = (0, TimeSpan.Zero);
        foreach (var place in script.Seeks.Prepend(0))
        {
            var from = (long)(Math.Clamp(place, 0, 1) * _length);
            var sought = _time.GetTimestamp();
            var cushion = (long)(script.Buffer.TotalSeconds * script.BytesPerSecond);
            await TakeAllAsync(from, cushion);
            if (place > 0)
            {
                seeks.Add(_time.GetElapsedTime(sought));
            }

            // From here the picture runs: at any moment it needs the bytes that its clock has reached.
            var playing = _time.GetTimestamp();
            var behind = TimeSpan.Zero;
            var end = Math.Min(_length, from + (long)(script.PlayFor.TotalSeconds * script.BytesPerSecond));
            for (var at = Math.Min(from + cushion, _length); at < end; )
            {
                var ahead = TimeSpan.FromSeconds((double)(at - from) / script.BytesPerSecond) + behind - _time.GetElapsedTime(playing);
                if (ahead > script.Buffer)
                {
                    await Task.Delay(ahead - script.Buffer, _time, cancellationToken);
                }

                var read = await TakeAsync(at, end - at);
                if (read == 0)
                {
                    break;
                }

                var late = _time.GetElapsedTime(playing) - behind - TimeSpan.FromSeconds((double)(at - from) / script.BytesPerSecond);
                if (late > TimeSpan.Zero)
                {
                    stalls++;
                    stalled += late;
                    behind += late;
                }

                at += read;
            }
        }

        return new PlayReport(firstByte, opened, seeks, stalls, stalled, bytes);
    }

    /// <summary>A response that goes on as long as reading does.</summary>
    private sealed class HttpPlace(HttpClient client, Uri url) : IAsyncDisposable
    {
        private HttpResponseMessage? _response;
        private Stream? _body;
        private long _position;

        public async ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
        {
            if (_body is null || _position != offset)
            {
                await DisposeAsync();
                using var request = new HttpRequestMessage(HttpMethod.Get, url);
                request.Headers.Range = new RangeHeaderValue(offset, null);
                _response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                if (_response.StatusCode != System.Net.HttpStatusCode.PartialContent)
                {
                    throw new HttpRequestException($"A range was answered with {(int)_response.StatusCode}.");
                }

                _body = await _response.Content.ReadAsStreamAsync(cancellationToken);
                _position = offset;
            }

            var read = await _body.ReadAsync(destination, cancellationToken);
            _position += read;
            return read;
        }

        public ValueTask DisposeAsync()
        {
            _body?.Dispose();
            _response?.Dispose();
            _body = null;
            _response = null;
            return ValueTask.CompletedTask;
        }
    }
}
