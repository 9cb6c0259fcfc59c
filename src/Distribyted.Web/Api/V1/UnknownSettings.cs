namespace Distribyted.Web.Api.V1;

/// <summary>For applications that have no configuration of their own, such as tests.</summary>
internal sealed class UnknownSettings : ISettingsReport
{
    public IReadOnlyList<SettingInForce> Read()
    {
        return [];
    }
}
