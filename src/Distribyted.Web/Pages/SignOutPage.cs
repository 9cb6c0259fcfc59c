using Distribyted.Http.Authentication;
using Distribyted.Web.Bodies;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Web.Pages;

/// <summary><c>/logout</c>: asks, and ends the session of this browser or all sessions of its user.</summary>
internal sealed class SignOutPage(BrowserSignIn signIn)
{
    public const string Path = "/logout";

    private const string Token = "token";
    private const string Which = "which";
    private const string Everywhere = "everywhere";

    public Task GetAsync(HttpContext context)
    {
        return BrowserSignIn.IsUsed(context) ? SendAsync(context, StatusCodes.Status200OK, "") : ToSignInAsync(context);
    }

    public async Task PostAsync(HttpContext context)
    {
        if (!BrowserSignIn.IsUsed(context))
        {
            await ToSignInAsync(context);
            return;
        }

        if (
            await SmallForm.ReadAsync(context.Request, context.RequestAborted) is not { } form
            || !signIn.IsFormToken(context, form.GetValueOrDefault(Token).ToString())
        )
        {
            const string Problem = "<p class=\"bad\" role=\"alert\">This page was open for too long. Try again.</p>";
            await SendAsync(context, StatusCodes.Status400BadRequest, Problem);
            return;
        }

        signIn.SignOut(context, form.GetValueOrDefault(Which) == Everywhere);
        await ToSignInAsync(context);
    }

    private Task ToSignInAsync(HttpContext context)
    {
        return signIn.IsPossible(context)
            ? PageFrame.SeeOtherAsync(context, context.Request.PathBase.ToUriComponent() + SignInPage.Path)
            : context.ChallengeAsync();
    }

    private Task SendAsync(HttpContext context, int status, string problem)
    {
        var path = context.Request.PathBase.ToUriComponent();
        return PageFrame.SendAsync(
            context,
            status,
            "Sign out of Distribyted",
            $"""
            <h1>Sign out?</h1>
            <p>You are signed in as {PageFrame.Encode(
                context.User.Identity?.Name ?? ""
            )}. Players and mounts go on with their own password.</p>
            {problem}
            <form method="post" action="{PageFrame.Encode(path + Path)}">
            <input type="hidden" name="{Token}" value="{signIn.FormToken(context)}">
            <button name="{Which}" value="here">Sign out of this browser</button>
            <button class="second" name="{Which}" value="{Everywhere}">Sign out of all browsers</button>
            </form>
            <p><a href="{PageFrame.Encode(path + "/")}">Back</a></p>
            """
        );
    }
}
