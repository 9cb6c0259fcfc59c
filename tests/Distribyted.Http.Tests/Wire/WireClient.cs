using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Distribyted.Http.Tests.Wire;

/// <summary>An HTTP client that sends exactly the text it is given and reads exactly what comes.</summary>
internal sealed class WireClient : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;

    private WireClient(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    /// <param name="server">Where to.</param>
    /// <param name="isSlow">The system takes little for this client, so that the server has to wait for it. From the start: a window that
    /// shrinks later makes Linux send once in 200 ms.</param>
    /// <param name="cancellationToken">Takes it back.</param>
    public static async Task<WireClient> ConnectAsync(IPEndPoint server, bool isSlow, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (isSlow)
        {
            socket.ReceiveBufferSize = 4096;
        }

        await socket.ConnectAsync(server, cancellationToken);
        return new WireClient(socket);
    }

    /// <summary>Says that nothing more will be sent; answers can still come.</summary>
    public void CloseHalf()
    {
        _socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Closing will reset the connection instead of ending it.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
    }

    /// <summary>Exactly this.</summary>
    public async Task SendRawAsync(string text, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(Encoding.Latin1.GetBytes(text), cancellationToken);
    }

    /// <summary>Lines end in a plain newline here; Host is added.</summary>
    public async Task SendAsync(string request, CancellationToken cancellationToken)
    {
        var lines = request.Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd('\n').Split('\n');
        var text = new StringBuilder(lines[0]).Append("\r\nHost: test\r\n");
        foreach (var line in lines.Skip(1))
        {
            text.Append(line).Append("\r\n");
        }

        await _stream.WriteAsync(Encoding.Latin1.GetBytes(text.Append("\r\n").ToString()), cancellationToken);
    }

    public async Task<WireResponse> AskAsync(string request, CancellationToken cancellationToken)
    {
        await SendAsync(request, cancellationToken);
        return await ReadAsync(request.StartsWith("HEAD ", StringComparison.Ordinal), cancellationToken);
    }

    public async Task<WireResponse> ReadAsync(bool isHead, CancellationToken cancellationToken)
    {
        var response = await ReadHeadAsync(cancellationToken);
        if (isHead || response.Status is 204 or 304)
        {
            return response;
        }

        if (response["Transfer-Encoding"] == "chunked")
        {
            return await ReadChunksAsync(response, cancellationToken);
        }

        var length = response["Content-Length"] is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : int.MaxValue;
        var (body, cut) = await ReadBodyAsync(length, cancellationToken);
        return response with { Body = body, IsCut = cut && length != int.MaxValue };
    }

    /// <summary>Status line and headers, and nothing behind them.</summary>
    public async Task<WireResponse> ReadHeadAsync(CancellationToken cancellationToken)
    {
        var status = await ReadLineAsync(cancellationToken);
        var parts = status.Split(' ', 3);
        var headers = new List<KeyValuePair<string, string>>();
        while (await ReadLineAsync(cancellationToken) is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers.Add(new(line[..colon], line[(colon + 1)..].Trim()));
        }

        return new WireResponse(
            int.Parse(parts[1], CultureInfo.InvariantCulture),
            parts.ElementAtOrDefault(2) ?? "",
            headers,
            [],
            IsCut: false
        );
    }

    /// <summary>Reads so many bytes of body, or fewer if the connection ends.</summary>
    public async Task<(byte[] Body, bool IsCut)> ReadBodyAsync(int length, CancellationToken cancellationToken)
    {
        var body = new MemoryStream();
        var buffer = new byte[65536];
        while (body.Length < length)
        {
            int read;
            try
            {
                read = await _stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, length - body.Length)), cancellationToken);
            }
            catch (IOException)
            {
                read = 0; // reset
            }

            if (read == 0)
            {
                return (body.ToArray(), true);
            }

            body.Write(buffer, 0, read);
        }

        return (body.ToArray(), false);
    }

    public ValueTask DisposeAsync()
    {
        return _stream.DisposeAsync();
    }

    private async Task<WireResponse> ReadChunksAsync(WireResponse response, CancellationToken cancellationToken)
    {
        var body = new MemoryStream();
        while (true)
        {
            var length = int.Parse(await ReadLineAsync(cancellationToken), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var (chunk, cut) = await ReadBodyAsync(length, cancellationToken);
            body.Write(chunk);
            await ReadLineAsync(cancellationToken);
            if (length == 0 || cut)
            {
                return response with { Body = body.ToArray(), IsCut = cut };
            }
        }
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await _stream.ReadAsync(one, cancellationToken) == 1)
        {
            if (one[0] == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append((char)one[0]);
        }

        throw new IOException($"The connection ended in a line: \"{line}\"");
    }
}
