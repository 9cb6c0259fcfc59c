namespace Distribyted.Web.Api.V1.Contracts;

/// <summary>One key of the configuration.</summary>
/// <param name="Key">Section and name.</param>
/// <param name="Value">The value in force as it would stand in the file; of a secret <c>set</c> or <c>not set</c>.</param>
/// <param name="Default">The value without any source.</param>
/// <param name="Source"><c>default</c>, <c>file</c>, <c>variable</c> or <c>flag</c>.</param>
/// <param name="Place">File with line and column, name of the variable, or flag; null: the default is in force.</param>
/// <param name="IsSecret">Whether the value is masked.</param>
/// <param name="Meaning">What it means, in a sentence or two.</param>
public sealed record SettingView(string Key, string Value, string Default, string Source, string? Place, bool IsSecret, string Meaning);

/// <summary>All keys, in the order of the template.</summary>
public sealed record SettingsView(IReadOnlyList<SettingView> Items);
