using System.Net.Http.Headers;

namespace Distribyted.Lab;

/// <summary>A film behind a URL: one response for as long as it is read in order, a new one for each place that is gone to.</summary>
internal sealed class HttpFilm(HttpClient client, Uri url) : IAsyncDisposable
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
