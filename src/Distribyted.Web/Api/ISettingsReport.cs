namespace Distribyted.Web.Api;

/// <summary>The configuration as it is in force, which the host knows. Safe for use by many threads.</summary>
public interface ISettingsReport
{
    /// <summary>All keys, in the order of the template. Secrets are masked.</summary>
    IReadOnlyList<SettingInForce> Read();
}
