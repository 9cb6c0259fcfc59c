using System.Security.Claims;
using Distribyted.Dashboard.Text;
using MudBlazor;

namespace Distribyted.Dashboard.Removal;

/// <summary>Asks, removes, and offers to undo it, for one open page.</summary>
internal sealed class RemovalPrompt(Removals removals, IDialogService dialogs, ISnackbar messages)
{
    /// <summary>Removes these torrents when the user agrees.</summary>
    /// <param name="user">Who asks for it.</param>
    /// <param name="torrents">At least one.</param>
    /// <param name="name">The name of the only one.</param>
    /// <returns>False: he does not want to.</returns>
    public async Task<bool> AskAsync(ClaimsPrincipal user, IReadOnlyList<TorrentKey> torrents, string name)
    {
        var what = torrents.Count == 1 ? $"\"{name}\"" : Say.Count(torrents.Count, "torrent");
        var parameters = new DialogParameters<RemoveDialog>
        {
            { static dialog => dialog.Title, $"Delete {what}?" },
            { static dialog => dialog.Count, torrents.Count },
        };
        var dialog = await dialogs.ShowAsync<RemoveDialog>(null, parameters);
        if (await dialog.Result is not { Canceled: false, Data: bool pieces })
        {
            return false;
        }

        var removal = removals.Begin(user, torrents, pieces, problem => messages.Add(problem, Severity.Error));
        messages.Add(
            $"Deleted {what}.",
            Severity.Normal,
            options =>
            {
                options.Action = "Undo";
                options.ActionColor = Color.Inherit;
                options.ActionVariant = Variant.Outlined;
                options.VisibleStateDuration = (int)Removals.Grace.TotalMilliseconds;
                options.RequireInteraction = false;
                options.OnClick = _ =>
                {
                    messages.Add(removal.TryUndo() ? $"Kept {what}." : $"{what} is gone already.", Severity.Normal);
                    return Task.CompletedTask;
                };
            }
        );
        return true;
    }
}
