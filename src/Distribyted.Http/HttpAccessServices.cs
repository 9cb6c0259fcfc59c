using Distribyted.FileSystem;
using Distribyted.Http.Authentication;
using Distribyted.Http.Clients;
using Distribyted.Http.Files;
using Distribyted.Http.Sessions;
using Distribyted.Http.Telemetry;
using Distribyted.Http.Users;
using Distribyted.Platform;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Distribyted.Http;

/// <summary>Puts sign-in, rights and the limits that all listeners share into an application.</summary>
public static class HttpAccessServices
{
    /// <summary>The name of the authentication scheme, and the default one.</summary>
    public const string Scheme = UserClaims.Scheme;

    // A torrent's files lie at most 64 deep under names of at most 255 bytes, each of which may be escaped: 49 KB and a route. Kestrel's own 8 KiB hid them.
    private const int MaxRequestLine = 64 * 1024;

    /// <summary>Signing in and <see cref="IUserFileSystem"/>. The application registers the tree as <see cref="IFileSystem"/>.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="options">Users and how they sign in; changed later, it takes effect with the next request. Null: no users.</param>
    public static IServiceCollection AddHttpAccess(this IServiceCollection services, HttpAccessOptions? options = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options ?? new HttpAccessOptions());
        services.AddSingleton<HttpAccessMetrics>();
        services.AddSingleton<RecentRequests>();
        services.AddSingleton(new WarmUpStep("content types", static _ => Task.FromResult(ContentTypes.Of("film.mkv"))));
        services.AddSingleton<UserStore>();
        services.AddSingleton<LockOut>();
        services.AddSingleton<DigestNonce>();
        services.AddSingleton<SpentAnswers>();
        services.AddSingleton(static provider => provider.GetRequiredService<HttpAccessOptions>().Sessions);
        services.AddSingleton<SessionStore>();
        services.AddSingleton<SignIn>();
        services.AddSingleton(static provider => new BrowserSignIn(
            provider.GetRequiredService<SignIn>(),
            provider.GetRequiredService<SessionStore>(),
            provider.GetRequiredService<HttpAccessOptions>(),
            provider.GetRequiredService<ILogger<BrowserSignIn>>()
        ));
        services.AddTransient<SignInHandler>();
        services.AddSingleton<IUserFileSystem>(provider => new UserFileSystem(provider.GetRequiredService<IFileSystem>()));
        services.AddMetrics();
        services.Configure<KestrelServerOptions>(static kestrel =>
        {
            kestrel.Limits.MaxRequestLineSize = MaxRequestLine;
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxRequestLine * 3 / 2; // a Destination is as long
        });

        // A flush sends on the thread that read, and goes on reading there: no handler blocks a thread for the network, and three
        // hand-overs for every 256 KiB cost more than the bytes (GET of 1 MiB ranges: 2,000 a CPU second before, 3,600 after).
        services.Configure<SocketTransportOptions>(static sockets => sockets.UnsafePreferInlineScheduling = true);

        // Without the cookies' machinery that AddAuthentication brings: it would write keys into the home folder, and warn of it.
        services.AddAuthenticationCore(authentication =>
        {
            authentication.DefaultScheme = Scheme;
            authentication.AddScheme<SignInHandler>(Scheme, displayName: null);
        });
        return services;
    }

    /// <summary>Answers requests without a valid sign-in, whatever the method: 401 with challenges, 429 while locked out. For branches without routing.</summary>
    public static IApplicationBuilder UseSignIn(this IApplicationBuilder app)
    {
        return app.Use(
            async (context, next) =>
            {
                var result = await context.AuthenticateAsync(Scheme);
                if (!result.Succeeded)
                {
                    await context.ChallengeAsync(Scheme);
                    return;
                }

                context.User = result.Principal;
                await next(context);
            }
        );
    }
}
