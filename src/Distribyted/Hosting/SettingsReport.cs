using Distribyted.Configuration;
using Distribyted.Web.Api;

namespace Distribyted.Hosting;

/// <summary>The table of keys with the values in force, for the API. Made when it is asked for.</summary>
internal sealed class SettingsReport(Configured configured) : ISettingsReport
{
    private const string FormerName = "A name of earlier versions, which still works.";

    public IReadOnlyList<SettingInForce> Read()
    {
        var defaults = new Settings();
        var meanings = KeyMeanings.Read(ConfigurationFile.Template());
        return
        [
            .. Keys
                .All.Where(key => !key.IsAlias || configured.Origins.ContainsKey(key.Path))
                .Select(key => View(key, defaults, meanings.GetValueOrDefault(key.Path, FormerName))),
        ];
    }

    private SettingInForce View(Key key, Settings defaults, string meaning)
    {
        var origin = configured.OriginOf(key.Path);
        return new SettingInForce(
            key.Path,
            key.Show(configured.Settings),
            key.Show(defaults),
            origin.Kind switch
            {
                SourceKind.File => "file",
                SourceKind.Variable => "variable",
                SourceKind.Flag => "flag",
                _ => "default",
            },
            origin.Kind == SourceKind.Default ? null : origin.ToString(),
            key.IsSecret,
            meaning
        );
    }
}
