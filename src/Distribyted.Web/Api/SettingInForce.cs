namespace Distribyted.Web.Api;

/// <summary>One key of the configuration.</summary>
/// <param name="Key"><c>torrent.add_timeout</c>.</param>
/// <param name="Value">The value in force as it would stand in the file; of a secret <c>set</c> or <c>not set</c>.</param>
/// <param name="Default">The value without any source, in the same form.</param>
/// <param name="Source"><c>default</c>, <c>file</c>, <c>variable</c> or <c>flag</c>.</param>
/// <param name="Place">File with line and column, name of the variable, or flag; null: the default is in force.</param>
/// <param name="IsSecret">Whether the value is masked.</param>
/// <param name="Meaning">What it means, in a sentence or two.</param>
public sealed record SettingInForce(string Key, string Value, string Default, string Source, string? Place, bool IsSecret, string Meaning);
