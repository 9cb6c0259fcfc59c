using MudBlazor;

namespace Distribyted.Dashboard.Parts;

/// <summary>Asks for a route or a name, for one open page.</summary>
internal sealed class MovePrompt(IDialogService dialogs)
{
    /// <summary>Asks.</summary>
    /// <param name="title">Title of the dialog.</param>
    /// <param name="label">Name of the field.</param>
    /// <param name="action">Name of the button.</param>
    /// <param name="text">What the field has first.</param>
    /// <param name="routes">What is proposed.</param>
    /// <returns>Null: the user thought better of it.</returns>
    public async Task<string?> AskAsync(string title, string label, string action, string text, IReadOnlyList<string> routes)
    {
        var parameters = new DialogParameters<MoveDialog>
        {
            { static dialog => dialog.Title, title },
            { static dialog => dialog.Label, label },
            { static dialog => dialog.Action, action },
            { static dialog => dialog.Text, text },
            { static dialog => dialog.Routes, routes },
        };
        var dialog = await dialogs.ShowAsync<MoveDialog>(null, parameters);
        return await dialog.Result is { Canceled: false, Data: string { Length: > 0 } chosen } ? chosen : null;
    }
}
