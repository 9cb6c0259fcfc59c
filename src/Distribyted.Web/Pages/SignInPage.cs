using System.Globalization;
using Distribyted.Http.Authentication;
using Distribyted.Web.Api;
using Distribyted.Web.Bodies;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Distribyted.Web.Pages;

/// <summary><c>/login</c>: a name and a password lead to a cookie. Works without script.</summary>
internal sealed class SignInPage(BrowserSignIn signIn)
{
    public const string Path = WebOptions.SignInPage;

    private const string Name = "name";
    private const string Password = "password";
    private const string Token = "token";

    public Task GetAsync(HttpContext context)
    {
        if (!signIn.IsPossible(context))
        {
            return context.ChallengeAsync();
        }

        var wanted = Local(context, context.Request.Query[SignInPages.Return]);
        return context.User.Identity is { IsAuthenticated: true }
            ? PageFrame.SeeOtherAsync(context, wanted)
            : SendAsync(context, StatusCodes.Status200OK, wanted);
    }

    public async Task PostAsync(HttpContext context)
    {
        if (!signIn.IsPossible(context))
        {
            await context.ChallengeAsync();
            return;
        }

        if (await SmallForm.ReadAsync(context.Request, context.RequestAborted) is not { } form)
        {
            await SendAsync(context, StatusCodes.Status400BadRequest, Local(context, ""), "That was not the form of this page. Try again.");
            return;
        }

        string Field(string field) => form.GetValueOrDefault(field).ToString();
        var name = Field(Name);
        var wanted = Local(context, Field(SignInPages.Return));
        if (!signIn.IsFormToken(context, Field(Token)))
        {
            await SendAsync(
                context,
                StatusCodes.Status400BadRequest,
                wanted,
                "This page was open for too long, or your browser keeps no cookies for this address. Allow them and try again.",
                name
            );
            return;
        }

        var (isRight, wait) = signIn.SignIn(context, name, Field(Password));
        if (isRight)
        {
            await PageFrame.SeeOtherAsync(context, wanted);
        }
        else if (wait > TimeSpan.Zero)
        {
            context.Response.Headers.RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            await SendAsync(
                context,
                StatusCodes.Status429TooManyRequests,
                wanted,
                $"Too many wrong passwords. Try again in {Duration(wait)}.",
                name
            );
        }
        else
        {
            context.Response.Headers.WWWAuthenticate = SignInPages.Challenge;
            await SendAsync(
                context,
                StatusCodes.Status401Unauthorized,
                wanted,
                "No user has this name and password. Capital and small letters count.",
                name
            );
        }
    }

    private Task SendAsync(HttpContext context, int status, string wanted, string problem = "", string name = "")
    {
        var (atName, atPassword) = name.Length == 0 ? (" autofocus", "") : ("", " autofocus");
        var says = problem.Length == 0 ? "" : $"<p class=\"bad\" role=\"alert\" id=\"problem\">{PageFrame.Encode(problem)}</p>";
        var about = problem.Length == 0 ? "" : " aria-describedby=\"problem\"";
        return PageFrame.SendAsync(
            context,
            status,
            (problem.Length == 0 ? "" : "Not signed in: ") + "Sign in to Distribyted",
            $"""
            <h1>Distribyted</h1>
            <p>Sign in to your torrents.</p>
            {says}
            <form method="post" action="{PageFrame.Encode(context.Request.PathBase.ToUriComponent() + Path)}">
            <input type="hidden" name="{Token}" value="{signIn.FormToken(context)}">
            <input type="hidden" name="{SignInPages.Return}" value="{PageFrame.Encode(wanted)}">
            <label for="name">Name</label>
            <input id="name" name="{Name}" value="{PageFrame.Encode(
                name
            )}" autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false" maxlength="64" required{atName}>
            <label for="password">Password</label>
            <input id="password" name="{Password}" type="password" autocomplete="current-password" maxlength="1024" required{about}{atPassword}>
            <button>Sign in</button>
            </form>
            <details>
            <summary>Where do I find them?</summary>
            <p>They are the same as for WebDAV: <code>webdav.user</code> and <code>webdav.pass</code> of the configuration, or one of <code>auth.users</code>.</p>
            <p>If none was set, the program made a password at its first start and showed it there. It also stands in the file <code>credentials</code> of the metadata folder.</p>
            </details>
            """
        );
    }

    private static string Local(HttpContext context, StringValues wanted)
    {
        return wanted.Count == 1 && SignInPages.IsLocal(wanted[0]) ? wanted[0]! : context.Request.PathBase.ToUriComponent() + "/";
    }

    private static string Duration(TimeSpan wait)
    {
        var minutes = (int)Math.Ceiling(wait.TotalMinutes);
        return wait.TotalSeconds <= 90 ? $"{(int)Math.Ceiling(wait.TotalSeconds)} seconds" : $"{minutes} minutes";
    }
}
