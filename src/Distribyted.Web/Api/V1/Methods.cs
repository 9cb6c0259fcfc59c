using Microsoft.AspNetCore.Http;

namespace Distribyted.Web.Api.V1;

/// <summary>HTTP methods of endpoints. What can be got has a HEAD.</summary>
internal static class Methods
{
    public static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];
}
