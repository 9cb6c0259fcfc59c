using Distribyted.Http.Sessions;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Http.Authentication;

/// <summary>A request that came with the cookie of a session: it is cut when the session ends, however long it would have gone on.</summary>
internal sealed class OpenRequest
{
    private readonly CancellationTokenRegistration _cut;

    private OpenRequest(HttpContext context, Session session)
    {
        Session = session;
        _cut = session.Ended.UnsafeRegister(static state => ((HttpContext)state!).Abort(), context);
    }

    public Session Session { get; }

    public static void Begin(HttpContext context, Session session)
    {
        var request = new OpenRequest(context, session);
        context.Features.Set(request);
        context.Response.RegisterForDispose(request._cut);
    }

    /// <summary>The one of a request; null: it is authenticated by something else, or not.</summary>
    public static OpenRequest? Of(HttpContext context)
    {
        return context.Features.Get<OpenRequest>();
    }

    /// <summary>For the request that ends the session: it has to be answered.</summary>
    public void Keep()
    {
        _cut.Dispose();
    }
}
