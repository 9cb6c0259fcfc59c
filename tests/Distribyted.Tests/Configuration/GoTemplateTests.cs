namespace Distribyted.Tests.Configuration;

/// <summary>The templates of the Go program and of its forks, by what differs between them: keys, values, and where their comments and tabs are.</summary>
internal sealed class GoTemplateTests
{
    private const string Tabbed =
        "  # Old files that\n\t# are kept, the\n\t# newest)\n  max_backups: 2\n\n  # Days, by\n\t# the clock\n\t# of it\n  # max_age: 30\n\n  # Size\n\t# of one\n  max_size: 50\n\n";
    private const string Spaced =
        "  # Old files that\n  # are kept\n  max_backups: 2\n\n  # Days\n  # max_age: 30\n\n  # Size\n  max_size: 50\n\n";
    private const string Trackers =
        "    # tracker_url: \"https://example.org/list.txt\"\n\n    # When that fails, \n    trackers: \n      - \"wss://tracker.example.org\"\n      - \"udp://tracker.example.org:1337/announce\"\n";
    private const string Fuse = "fuse:\n  # X: on Windows\n  path: ./distribyted-data/mount\n  # allow_other: true \n\n";

    private static readonly object[] Versions =
    [
        new TestCaseData("  add_timeout: 60\n", Fuse, Tabbed, Trackers).SetArgDisplayNames(
            "without read_timeout, nothing between the sections"
        ),
        new TestCaseData("  add_timeout: 60\n\n  # archives \n  read_timeout: 120\n", Fuse, Tabbed, Trackers).SetArgDisplayNames(
            "with read_timeout"
        ),
        new TestCaseData(
            "  add_timeout: 60\n\n  read_timeout: 120\n\n  # in Docker\n  # ip: \"1.2.3.4\"\n\n",
            Fuse,
            Tabbed,
            Trackers
        ).SetArgDisplayNames("with ip"),
        new TestCaseData(
            "  #disable_tcp: false\n\n  #disable_utp: false\n\n  continue_when_add_timeout: false\n\n  add_timeout: 60\n\n  read_timeout: 120\n\n  # ip: \"1.2.3.4\"\n\n",
            "fuse:\n  # On Windows \n  #   - a letter like X: or Z:.\n  #   - or a folder\n  path: /data/mount\n  # allow_other: true \n\n",
            Spaced,
            Trackers
        ).SetArgDisplayNames("with continue_when_add_timeout"),
        new TestCaseData(
            "  continue_when_add_timeout: false\n\n  add_timeout: 60\n  read_timeout: 120\n\n",
            Fuse.Replace("# allow_other: true ", "allow_other: true ", StringComparison.Ordinal),
            Spaced,
            Trackers
        ).SetArgDisplayNames("a fork: allow_other"),
        new TestCaseData(
            "  add_timeout: 60\n\n  read_timeout: 120\n",
            "# fuse:\n#   # X:\n#   path: ./data/mount\n#   # allow_other: true\n\n",
            Spaced,
            "    tracker_url: \"https://example.org/list.txt\"\n\n    # trackers:\n    #   - \"wss://tracker.example.org\"\n"
        ).SetArgDisplayNames("a fork: tracker_url, and no FUSE"),
    ];

    [TestCaseSource(nameof(Versions))]
    public void It_is_read_without_a_mistake(string torrent, string fuse, string log, string servers)
    {
        var configured = Given.File(Template(torrent, fuse, log, servers, routes: "    torrents:\n"));

        Assert.That(configured.Mistakes(), Is.Empty);
        var settings = configured.Settings;
        Assert.That((settings.Log.MaxBackups, settings.Log.MaxSize), Is.EqualTo((2, 50 << 20)));
        Assert.That(settings.Engine.Cache.Size, Is.EqualTo(2048L << 20));
        Assert.That(settings.Routes.Routes.Single().Torrents, Has.Count.EqualTo(1));
        var expected = fuse.StartsWith('#') ? ["webdav.pass"] : (string[])["webdav.pass", "fuse"];
        Assert.That(configured.Report.Warnings.Select(w => w.Key), Is.EqualTo(expected));
    }

    [Test]
    public void What_it_has_in_comments_is_read_when_an_owner_takes_the_comment_away()
    {
        var configured = Given.File(
            Template(
                "  disable_ipv6: true\n\n  disable_tcp: false\n\n  disable_utp: false\n\n  add_timeout: 60\n  read_timeout: 120\n\n  ip: \"192.0.2.1\"\n\n",
                Fuse.Replace("# allow_other: true ", "allow_other: true ", StringComparison.Ordinal),
                "  # Old files\n\t# that are kept\n  max_backups: 2\n  max_age: 30\n  max_size: 50\n  debug: true\n\n",
                Trackers.Replace("# tracker_url", "tracker_url", StringComparison.Ordinal),
                "    torrent_folder: \"/path/to/torrent/folder\"\n    torrents:\n       - torrent_path: /path/to/torrent/file.torrent\n",
                cache: "-1 #all of it"
            )
        );

        Assert.That(configured.Mistakes(), Is.Empty);
        var settings = configured.Settings;
        Assert.That(settings.Engine.Cache.Size, Is.LessThan(0));
        Assert.That(settings.Log.MaxAge, Is.EqualTo(30));
        Assert.That(settings.Routes.Routes.Single().TorrentFolder, Is.EqualTo("/path/to/torrent/folder"));
        Assert.That(settings.Routes.Routes.Single().Torrents, Has.Count.EqualTo(2));
    }

    private static string Template(string torrent, string fuse, string log, string servers, string routes, string cache = "2048")
    {
        return "# An example\n\n# Web\nhttp:\n  port: 4444\n  \n  ip: \"0.0.0.0\"\n\n  # Files\n  httpfs: true\n\n"
            + "webdav:\n  port: 36911\n  user: admin\n  pass: admin\n\n"
            + $"torrent:\n  # global_cache_size: -1 #all\n  global_cache_size: {cache}\n\n  metadata_folder: ./distribyted-data/metadata\n\n  #disable_ipv6: true\n\n"
            + torrent
            + fuse
            + "log:\n  path: ./distribyted-data/logs\n\n"
            + log
            + "  # debug: true\n\n# Folders\nroutes:\n  - name: multimedia\n"
            + routes
            + "       # - torrent_path: /path/to/torrent/file.torrent\n"
            + "       - magnet_uri: \"magnet:?xt=urn:btih:c9e15763f722f23e98a29decdfae341b98d53056&dn=One\"\n"
            + "# More\n  # - name: datasets\n  #   torrents:\n  #      - magnet_uri: \"magnet:?xt=x\"\n\n"
            + "servers:\n  - name: server\n    path: ./distribyted-data/served-folders/server\n\n"
            + servers;
    }
}
