using System.Net;
using Distribyted.FileSystem;
using Distribyted.Http;
using Distribyted.Http.Authentication;
using Distribyted.Http.Listeners;
using Distribyted.Http.Transport;
using Distribyted.Http.Users;
using Distribyted.Testing;
using Distribyted.WebDav;
using Distribyted.WebDav.Requests;
using Microsoft.AspNetCore.Server.Kestrel.Core;

// The WebDAV listener over a store in memory, for programs that test WebDAV servers (litmus, rclone, davfs2 ...).
//
//   dotnet run --project tests/Distribyted.WebDav.Host -- PORT [FOLDER] [--read-only] [--user NAME:PASSWORD]
//
// FOLDER is shown as the root and stays on disk; what is written stays in memory. /scratch/ is an empty folder to write in.

var port = int.Parse(args[0]);
var readOnly = args.Contains("--read-only");
var user = args.SkipWhile(argument => argument != "--user").Skip(1).FirstOrDefault()?.Split(':', 2);
var store = new MemoryFs();
if (args.Length > 1 && Directory.Exists(args[1]))
{
    store.Import(args[1]);
}

store.AddFolder("/scratch");

var options = new WebDavOptions { ReadOnly = readOnly };
var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
builder.WebHost.UseKestrelCore();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Listen(
        IPAddress.Loopback,
        port,
        listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.UseListener(options.Listener).UseDirectOutput().UseNonAsciiHeads();
        }
    );
});
builder.Services.AddSingleton<IFileSystem>(store);
builder.Services.AddHttpAccess(
    new HttpAccessOptions
    {
        Users = user is null ? [] : [HttpUser.Create(user[0], user[1])],
        TrustLoopback = user is null,
        MaxUpload = 1L << 30,
    }
);
builder.Services.AddWebDav(options);

var app = builder.Build();
app.UseNonAsciiHeads();
app.UseSignIn();
app.UseWebDav();
Console.WriteLine($"http://127.0.0.1:{port}/");
await app.RunAsync();
