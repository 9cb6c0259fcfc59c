namespace Distribyted.Web.Connect;

/// <summary>Who reaches an address.</summary>
public enum AddressReach
{
    /// <summary>It has the name by which this browser came.</summary>
    ThisBrowser,

    /// <summary>Devices in the same network.</summary>
    Network,

    /// <summary>Programs on the same machine only.</summary>
    ThisMachine,
}
