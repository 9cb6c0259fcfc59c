using System.Net;
using Distribyted.Http.Listeners;

namespace Distribyted.Web.Connect;

/// <summary>For applications that open their ports themselves, such as tests.</summary>
internal sealed class UnknownPorts : IServedPorts
{
    public int? PortOf(string listener, bool isTls)
    {
        return null;
    }

    public IPAddress? AddressOf(string listener)
    {
        return null;
    }
}
