namespace Distribyted.Http;

/// <summary>Which port a connection came through.</summary>
public enum Door
{
    /// <summary>The API, the dashboard and <c>/fs</c>.</summary>
    Web,

    /// <summary>The mount.</summary>
    WebDav,
}
