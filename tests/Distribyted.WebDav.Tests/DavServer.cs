using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Claims;
using System.Text;
using Distribyted.FileSystem;
using Distribyted.Http;
using Distribyted.Http.Authentication;
using Distribyted.Http.Listeners;
using Distribyted.Http.Transport;
using Distribyted.Testing;
using Distribyted.WebDav.Locks;
using Distribyted.WebDav.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Distribyted.WebDav.Tests;

/// <summary>The project behind Kestrel on a port of loopback, asked with wire text.</summary>
internal sealed class DavServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private DavServer(WebApplication app, MemoryFs store)
    {
        _app = app;
        Store = store;
        Port = new Uri(app.Urls.Single()).Port;
    }

    public MemoryFs Store { get; }

    public LockTable Locks => _app.Services.GetRequiredService<LockTable>();

    public int Port { get; }

    public string Host => $"127.0.0.1:{Port}";

    /// <param name="fill">Puts something into the tree.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="time">Null: the system's.</param>
    /// <param name="tree">What is served instead of the tree itself.</param>
    /// <param name="nanny">The only folder that the user "nanny" sees and may change.</param>
    /// <param name="log">Gets what is logged; null: it is dropped.</param>
    /// <param name="budget">Asked for disk space; null: there is no budget.</param>
    public static async Task<DavServer> StartAsync(
        Action<MemoryFs>? fill = null,
        WebDavOptions? options = null,
        TimeProvider? time = null,
        Func<MemoryFs, IFileSystem>? tree = null,
        string nanny = "/music",
        ILoggerFactory? log = null,
        IDiskBudget? budget = null,
        long maxUpload = 32 << 20
    )
    {
        var store = new MemoryFs(time);
        fill?.Invoke(store);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(
                IPAddress.Loopback,
                0,
                listen =>
                {
                    listen.Protocols = HttpProtocols.Http1;
                    listen.UseListener((options ?? new WebDavOptions()).Listener).UseDirectOutput().UseNonAsciiHeads(); // as the daemon's
                }
            )
        );
        builder.Services.AddLogging();
        if (log is not null)
        {
            builder.Services.AddSingleton(log);
        }

        if (budget is not null)
        {
            builder.Services.AddSingleton(budget);
        }

        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddHttpAccess(new HttpAccessOptions { MaxUpload = maxUpload });
        builder.Services.AddSingleton<IUserFileSystem>(
            new Trees(tree?.Invoke(store) ?? store, new ScopedWritableFs(store, new PathScope([VirtualPath.Parse(nanny)])))
        );
        builder.Services.AddWebDav(options);
        var app = builder.Build();
        app.UseNonAsciiHeads();
        app.Use(SignInByName);
        app.UseWebDav();
        await app.StartAsync();
        return new DavServer(app, store);
    }

    /// <summary>Sends one request on a connection of its own and reads the whole answer.</summary>
    /// <param name="requestLine">Method and target.</param>
    /// <param name="headers">Lines of the head; Host, Connection and Content-Length come by themselves.</param>
    /// <param name="body">Null: no body and no Content-Length.</param>
    public Task<Answer> AskAsync(string requestLine, string[]? headers = null, string? body = null)
    {
        return AskAsync(requestLine, headers, body is null ? null : Encoding.UTF8.GetBytes(body));
    }

    public async Task<Answer> AskAsync(string requestLine, string[]? headers, byte[]? body)
    {
        using var socket = await ConnectAsync();
        var head = Head(requestLine, headers ?? [], body);
        await socket.SendAsync((byte[])[.. Encoding.UTF8.GetBytes(head), .. body ?? []]);
        return await ReadAsync(socket);
    }

    /// <summary>Makes an exclusive lock on what is there.</summary>
    /// <param name="path">What is locked, escaped.</param>
    /// <param name="depth">The header Depth.</param>
    /// <param name="timeout">The header Timeout.</param>
    /// <param name="user">A header that names the user.</param>
    /// <returns>The token with its angle brackets.</returns>
    public async Task<string> LockAsync(string path, string depth, string timeout, string user = "X-No: user")
    {
        var answer = await AskAsync("LOCK " + path, ["Depth: " + depth, "Timeout: " + timeout, user], Bodies.Exclusive);
        Assert.That(answer.Status, Is.EqualTo(200), answer.Text);
        return answer.Header("Lock-Token")!;
    }

    /// <param name="receiveBuffer">Bytes that the client's system takes before the client does; 0: as usual. A window that shrinks later makes
    /// Linux send once in 200 ms.</param>
    public async Task<Socket> ConnectAsync(int receiveBuffer = 0)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 60_000 };
        if (receiveBuffer > 0)
        {
            socket.ReceiveBufferSize = receiveBuffer;
        }

        await socket.ConnectAsync(IPAddress.Loopback, Port);
        return socket;
    }

    public static async Task<Answer> ReadAsync(Socket socket)
    {
        using var all = new MemoryStream();
        var piece = new byte[64 * 1024];
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await socket.ReceiveAsync(piece, deadline.Token) is var count && count > 0)
        {
            all.Write(piece, 0, count);
        }

        return Answer.Parse(all.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private string Head(string requestLine, string[] headers, byte[]? body)
    {
        var head = new StringBuilder(requestLine).Append(" HTTP/1.1\r\n");
        foreach (var header in headers)
        {
            head.Append(header).Append("\r\n");
        }

        bool Has(string name) => headers.Any(header => header.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase));
        head.Append(Has("Host") ? "" : $"Host: {Host}\r\n");
        head.Append(
            body is null || Has("Content-Length") || Has("Transfer-Encoding")
                ? ""
                : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n")
        );
        return head.Append("Connection: close\r\n\r\n").ToString();
    }

    // Signing in is the part of Distribyted.Http; here a header names the user.
    private static Task SignInByName(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Headers["X-User"].ToString() is { Length: > 0 } name)
        {
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], "test"));
        }

        return next(context);
    }

    private sealed class Trees(IFileSystem tree, IFileSystem nanny) : IUserFileSystem
    {
        public IFileSystem For(ClaimsPrincipal user)
        {
            return user.Identity?.Name == "nanny" ? nanny : tree;
        }
    }
}
