using Distribyted.Archives.Options;
using Distribyted.BitTorrent;
using Distribyted.Http.Authentication;
using Distribyted.Logging;
using Distribyted.Tls;
using Distribyted.Web.Api;
using Distribyted.WebDav.Requests;

namespace Distribyted.Configuration;

/// <summary>Everything that is set, project by project. Defaults are the records' initialisers; the table in <see cref="Keys"/> fills them.</summary>
internal sealed record Settings
{
    public BitTorrentOptions Engine { get; init; } = new();

    public Distribyted.Routes.RouteOptions Routes { get; init; } = new();

    public ArchiveOptions Archives { get; init; } = new();

    public HttpAccessOptions Access { get; init; } = new();

    public WebOptions Web { get; init; } = new();

    public WebDavOptions WebDav { get; init; } = new();

    /// <summary>The ports of the API and <c>/fs</c>; 4444 since the first version.</summary>
    public ListenerOptions WebListener { get; init; } = new("http") { Port = 4444, Enabled = true };

    /// <summary>The ports of WebDAV; 36911 since the first version.</summary>
    public ListenerOptions WebDavListener { get; init; } = new("webdav") { Port = 36911 };

    public TlsOptions Tls { get; init; } = new();

    public LogOptions Log { get; init; } = new();

    /// <summary>The first user of <c>webdav.user</c>, for both listeners; empty: a password is generated.</summary>
    public FirstUser WebDavUser { get; init; } = new();

    /// <summary><c>http.disable_auth</c> of other builds of Distribyted: the opposite of <c>auth.web</c>; null: not given.</summary>
    public bool? DisableWebAuth { get; set; }

    /// <summary>All listeners, in the order in which their ports are tried.</summary>
    public IReadOnlyList<ListenerOptions> Listeners => [WebListener, WebDavListener];

    /// <summary>All ports that listeners open.</summary>
    public IEnumerable<ConfiguredPort> Ports => Listeners.SelectMany(l => l.Ports);

    /// <summary>Whether a listener speaks TLS.</summary>
    public bool HasTls => Listeners.Any(l => l.HasTls);

    /// <summary><c>http.user</c> and <c>http.pass</c> of other builds of Distribyted: a user beside the other.</summary>
    public FirstUser HttpUser { get; init; } = new();
}
