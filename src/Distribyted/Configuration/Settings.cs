using Distribyted.BitTorrent;
using Distribyted.Http;
using Distribyted.Logging;
using Distribyted.Tls;
using Distribyted.Web;
using Distribyted.WebDav;

namespace Distribyted.Configuration;

/// <summary>Everything that is set, room by room. Defaults are the records' initialisers; the table in <see cref="Keys"/> fills them.</summary>
internal sealed record Settings
{
    public BitTorrentOptions Engine { get; init; } = new();

    public Distribyted.Routes.RouteOptions Routes { get; init; } = new();

    public HttpAccessOptions Access { get; init; } = new();

    public WebOptions Web { get; init; } = new();

    public WebDavOptions WebDav { get; init; } = new();

    public DoorOptions Doors { get; init; } = new();

    public TlsOptions Tls { get; init; } = new();

    public LogOptions Log { get; init; } = new();

    /// <summary>The first user of <c>webdav.user</c>, for both listeners; empty: a password is generated.</summary>
    public FirstUser WebDavUser { get; init; } = new();

    /// <summary><c>http.disable_auth</c> of the fork: the opposite of <c>auth.web</c>; null: not given.</summary>
    public bool? DisableWebAuth { get; set; }

    /// <summary><c>http.user</c> and <c>http.pass</c> of the fork: a user beside the other.</summary>
    public FirstUser HttpUser { get; init; } = new();
}
