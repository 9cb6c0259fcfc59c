using System.Collections;
using Distribyted.Archives.Options;
using Distribyted.Configuration;
using Distribyted.Logging;

namespace Distribyted.Tests.Configuration;

internal sealed class SourceTests
{
    [Test]
    public void Flags_win_over_variables_and_variables_over_the_file()
    {
        var variables = new Hashtable { ["DISTRIBYTED_HTTP_PORT"] = "2", ["DISTRIBYTED_TORRENT_ADD_TIMEOUT"] = "20" };

        var configured = Given.All("http: {port: 1}\ntorrent: {add_timeout: 10, listen_port: 5}", variables, "--http-port", "3");

        Assert.Multiple(() =>
        {
            Assert.That(configured.Mistakes(), Is.Empty);
            Assert.That(configured.Settings.WebListener.Port, Is.EqualTo(3));
            Assert.That(configured.OriginOf("http.port").ToString(), Is.EqualTo("--http-port"));
            Assert.That(configured.Settings.Web.AddTimeout, Is.EqualTo(TimeSpan.FromSeconds(20)));
            Assert.That(configured.OriginOf("torrent.add_timeout").ToString(), Is.EqualTo("DISTRIBYTED_TORRENT_ADD_TIMEOUT"));
            Assert.That(configured.Settings.Engine.Transport.ListenPort, Is.EqualTo(5));
            Assert.That(configured.OriginOf("torrent.listen_port").ToString(), Does.EndWith("distribyted.yaml:2:41"));
            Assert.That(configured.OriginOf("torrent.seed").ToString(), Is.EqualTo("default"));
        });
    }

    [Test]
    public void A_section_without_content_is_absent_and_so_webdav_is_off()
    {
        Assert.That(Given.File("webdav:").Settings.WebDavListener.IsListening, Is.False);
        Assert.That(Given.File("http: {port: 1}").Settings.WebDavListener.IsListening, Is.False);
        Assert.That(Given.File("webdav: {}").Settings.WebDavListener.IsListening, Is.True);
        Assert.That(Given.File("webdav: {enabled: false}").Settings.WebDavListener.IsListening, Is.False);
        Assert.That(Given.File("webdav: {port: -1}").Settings.WebDavListener.IsListening, Is.False);
        Assert.That(
            Given.All("http: {port: 1}", new Hashtable { ["DISTRIBYTED_WEBDAV_PORT"] = "8088" }).Settings.WebDavListener.Port,
            Is.EqualTo(8088)
        );
        Assert.That(Given.All("http: {port: 1}", null, "--webdav-port=8088").Settings.WebDavListener.IsListening, Is.True);
    }

    [Test]
    public void A_webdav_port_of_0_in_flag_or_variable_leaves_the_port_of_the_file_alone()
    {
        var variables = new Hashtable { ["DISTRIBYTED_WEBDAV_PORT"] = "0" };

        Assert.That(Given.All("webdav: {port: 5}", variables).Settings.WebDavListener.Port, Is.EqualTo(5));
        Assert.That(Given.All("webdav: {port: 5}", null, "--webdav-port", "0").Settings.WebDavListener.Port, Is.EqualTo(5));
        Assert.That(Given.File("webdav: {port: 0}").Settings.WebDavListener.Port, Is.Zero);
        Assert.That(Given.All("http: {port: 0}", null, "--http-port=0").Settings.WebListener.Port, Is.Zero);
    }

    [Test]
    public void A_boolean_flag_alone_means_true()
    {
        Assert.That(Given.All("", null, "--torrent-disable-ipv6").Settings.Engine.Transport.DisableIPv6, Is.True);
        Assert.That(Given.All("", null, "--torrent-seed=false").Settings.Engine.Swarm.Seed, Is.False);
        Assert.That(Given.All("", null, "--torrent-seed", "off", "--http-port", "7").Settings.Engine.Swarm.Seed, Is.False);
        Assert.That(Given.All("", null, "--torrent-disable-ipv6", "--http-port", "7").Settings.WebListener.Port, Is.EqualTo(7));
        Assert.That(
            Given.All("", null, "--http-port").Mistakes(),
            Is.EqualTo(new[] { "--http-port http.port: a value is missing. Write --http-port=VALUE." })
        );
    }

    [Test]
    public void Every_key_has_the_variable_and_flag_that_the_rule_makes()
    {
        var key = Keys.ByPath["torrent.max_conns_per_torrent"];

        Assert.That(key.Variable, Is.EqualTo("DISTRIBYTED_TORRENT_MAX_CONNS_PER_TORRENT"));
        Assert.That(key.Flag, Is.EqualTo("--torrent-max-conns-per-torrent"));
        Assert.That(Keys.All.Select(k => k.Variable), Is.Unique);
        Assert.That(Keys.All.Select(k => k.Flag), Is.Unique);
    }

    [Test]
    public void Lists_and_maps_come_as_one_text_from_variables_and_flags()
    {
        var variables = new Hashtable
        {
            ["DISTRIBYTED_TORRENT_EXTRA_TRACKERS"] = "udp://a:1, udp://b:2",
            ["DISTRIBYTED_LOG_LEVELS"] = "BitTorrent=debug,Web=warn",
        };

        var settings = Given.All("", variables).Settings;

        Assert.That(settings.Engine.Discovery.ExtraTrackers, Is.EqualTo(new[] { "udp://a:1", "udp://b:2" }));
        Assert.That(settings.Log.Levels["BitTorrent"], Is.EqualTo(LogThreshold.Debug));
        Assert.That(settings.Log.Levels["Web"], Is.EqualTo(LogThreshold.Warn));
    }

    [Test]
    public void An_unknown_variable_is_a_warning_and_an_empty_one_is_not_set()
    {
        var variables = new Hashtable { ["DISTRIBYTED_HTTP_POR"] = "1", ["DISTRIBYTED_HTTP_PORT"] = "" };

        var configured = Given.All("", variables);

        Assert.That(configured.Mistakes(), Is.Empty);
        Assert.That(
            configured.Warnings(),
            Is.EqualTo(new[] { "DISTRIBYTED_HTTP_POR there is no such variable. Did you mean DISTRIBYTED_HTTP_PORT?" })
        );
        Assert.That(configured.Settings.WebListener.Port, Is.EqualTo(4444));
    }

    [TestCase("DISTRIBYTED_TORRENT_BIND_ADRESS", "127.0.0.1", "DISTRIBYTED_TORRENT_BIND_ADDRESS")]
    [TestCase("DISTRIBYTED_TORRENT_PROXYURL", "socks5://127.0.0.1:1", "DISTRIBYTED_TORRENT_PROXY_URL")]
    [TestCase("DISTRIBYTED_WEBDAV_READONLY", "true", "DISTRIBYTED_WEBDAV_READ_ONLY")]
    public void A_variable_that_is_nearly_a_restriction_is_a_mistake(string name, string value, string meant)
    {
        Assert.That(
            Given.All("", new Hashtable { [name] = value }).Mistakes(),
            Is.EqualTo(new[] { $"{name} there is no such variable. Did you mean {meant}?" })
        );
    }

    [Test]
    public void An_empty_variable_of_a_restriction_is_told()
    {
        var variables = new Hashtable { ["DISTRIBYTED_TORRENT_BIND_ADDRESS"] = "", ["DISTRIBYTED_TORRENT_PROXY_URL"] = "" };

        var configured = Given.All("", variables);

        Assert.That(configured.Mistakes(), Is.Empty);
        Assert.That(
            configured.Warnings(),
            Is.EqualTo(
                new[]
                {
                    "DISTRIBYTED_TORRENT_BIND_ADDRESS it is empty, which counts as not set.",
                    "DISTRIBYTED_TORRENT_PROXY_URL it is empty, which counts as not set.",
                }
            )
        );
    }

    [Test]
    public void Links_that_Kubernetes_and_Docker_set_are_told_once_and_not_read()
    {
        var variables = new Hashtable
        {
            // A service called distribyted-webdav, one called distribyted-http, one called distribyted.
            ["DISTRIBYTED_WEBDAV_PORT"] = "tcp://10.43.0.9:36911",
            ["DISTRIBYTED_WEBDAV_PORT_36911_TCP"] = "tcp://10.43.0.9:36911",
            ["DISTRIBYTED_WEBDAV_PORT_36911_TCP_ADDR"] = "10.43.0.9",
            ["DISTRIBYTED_WEBDAV_PORT_36911_TCP_PORT"] = "36911",
            ["DISTRIBYTED_WEBDAV_PORT_36911_TCP_PROTO"] = "tcp",
            ["DISTRIBYTED_WEBDAV_SERVICE_HOST"] = "10.43.0.9",
            ["DISTRIBYTED_WEBDAV_SERVICE_PORT"] = "36911",
            ["DISTRIBYTED_WEBDAV_SERVICE_PORT_DAV"] = "36911",
            ["DISTRIBYTED_HTTP_PORT"] = "tcp://[fd00::9]:4444",
            ["DISTRIBYTED_TORRENT_LISTEN_PORT"] = "udp://10.43.0.9:42069",
            ["DISTRIBYTED_PORT"] = "tcp://10.43.0.9:4444",
            ["DISTRIBYTED_PORT_4444_TCP"] = "tcp://10.43.0.9:4444",
            ["DISTRIBYTED_SERVICE_HOST"] = "10.43.0.9",
            ["DISTRIBYTED_SERVICE_PORT"] = "4444",
            ["DISTRIBYTED_ENV_DISTRIBYTED_VERSION"] = "1",
        };

        var configured = Given.All("http: {port: 5}", variables);

        Assert.That(configured.Mistakes(), Is.Empty);
        Assert.That(
            configured.Warnings(),
            Is.EqualTo(
                new[]
                {
                    "DISTRIBYTED_HTTP_PORT it and 14 more are set by Kubernetes or Docker for a service of this name, and not read. enableServiceLinks: false ends that.",
                }
            )
        );
        Assert.That(configured.Settings.WebListener.Port, Is.EqualTo(5));
        Assert.That(configured.Settings.WebDavListener.IsListening, Is.False, "a link turns nothing on");
    }

    [Test]
    public void A_wrong_port_is_a_mistake_still()
    {
        var variables = new Hashtable { ["DISTRIBYTED_WEBDAV_PORT"] = "10.43.0.9:36911", ["DISTRIBYTED_HTTP_PORT"] = "http://x:80" };

        Assert.That(Given.All("", variables).Mistakes(), Has.Length.EqualTo(2));
    }

    [TestCase("512MB", 512L << 20)]
    [TestCase("20GiB", 20L << 30)]
    [TestCase("1.5TB", 3L << 39)]
    [TestCase("2_048", 2048L << 20)]
    [TestCase("100", 100L << 20)]
    [TestCase("0", 2048L << 20)]
    [TestCase("-1", -1)]
    public void Sizes_take_units_and_plain_numbers_are_megabytes(string text, long bytes)
    {
        Assert.That(Given.File($"torrent: {{global_cache_size: {text}}}").Settings.Engine.Cache.Size, Is.EqualTo(bytes));
    }

    [TestCase("90", 90)]
    [TestCase("90s", 90)]
    [TestCase("10m", 600)]
    [TestCase("2h", 7200)]
    [TestCase("1m30s", 90)]
    [TestCase("0", 60)]
    public void Durations_take_units_and_plain_numbers_are_seconds(string text, int seconds)
    {
        Assert.That(Given.File($"torrent: {{add_timeout: {text}}}").Settings.Web.AddTimeout, Is.EqualTo(TimeSpan.FromSeconds(seconds)));
    }

    [TestCase("800KB/s", 800 << 10)]
    [TestCase("5MiB/s", 5 << 20)]
    [TestCase("20Mbit", 2_500_000)]
    [TestCase("20Mbit/s", 2_500_000)]
    [TestCase("1000000", 1_000_000)]
    [TestCase("0", 0)]
    public void Rates_take_units_and_plain_numbers_are_bytes(string text, long bytes)
    {
        Assert.That(Given.File($"torrent: {{download_rate_limit: {text}}}").Settings.Engine.Swarm.DownloadRateLimit, Is.EqualTo(bytes));
    }

    [Test]
    public void A_password_may_be_in_a_file_of_its_own()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "a long one\nsecond line\n");

            var configured = Given.File($"webdav: {{user: anna, pass_file: {path}}}");

            Assert.That(configured.Mistakes(), Is.Empty);
            Assert.That(
                configured.Users.Single(),
                Is.EqualTo(Http.Users.HttpUser.Create("anna", "a long one"))
                    .Using<Http.Users.HttpUser>((a, b) => a.Name == b.Name && a.HashSha256 == b.HashSha256)
            );
            Assert.That(Given.File($"webdav: {{pass: x, pass_file: {path}}}").Mistakes(), Has.One.Contains("webdav.pass is given, too"));
            Assert.That(Given.File("webdav: {pass_file: /nowhere/at/all}").Mistakes(), Has.One.Contains("cannot be read"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test]
    public void Without_any_password_one_is_made_for_the_name_that_is_given()
    {
        Assert.That(Given.File("").GeneratedFor, Is.EqualTo("admin"));
        Assert.That(Given.File("webdav: {user: anna}").GeneratedFor, Is.EqualTo("anna"));
        Assert.That(Given.File("webdav: {pass: secret}").GeneratedFor, Is.Null);
        Assert.That(Given.File("webdav: {pass: secret}").Users.Single().Name, Is.EqualTo("admin"));
        Assert.That(Given.File("auth: {users: [{name: a, pass: b, rights: read, routes: [films]}]}").GeneratedFor, Is.Null);
    }

    [Test]
    public void What_the_fork_calls_otherwise_is_read_as_it_is()
    {
        var configured = Given.File("http: {user: a, pass: b, disable_auth: true}");

        Assert.That(configured.Users.Single().Name, Is.EqualTo("a"));
        Assert.That(configured.Settings.Web.RequireSignIn, Is.False);
        Assert.That(configured.Mistakes(), Is.Empty);
    }

    [Test]
    public void A_key_of_a_later_version_is_named_once_unless_it_asks_for_what_happens_anyway()
    {
        var configured = Given.File("http: {tls_port: -1}\nmdns: {x: 1}\nstreaming: {hls: true}");

        Assert.That(configured.Mistakes(), Is.Empty);
        Assert.That(
            configured.Report.Warnings.Select(w => w.Text),
            Is.EqualTo(
                new[] { "mdns: not in this version yet; it has no effect.", "streaming.hls: not in this version yet; it has no effect." }
            )
        );
    }

    [TestCase("archives: replace", ArchiveMode.Replace)]
    [TestCase("archives: {mode: Off}", ArchiveMode.Off)]
    [TestCase("archives:", ArchiveMode.Beside)]
    public void How_archives_look_may_be_one_word(string yaml, ArchiveMode expected)
    {
        var configured = Given.File(yaml);

        Assert.That(configured.Mistakes(), Is.Empty);
        Assert.That(configured.Warnings(), Is.Empty);
        Assert.That(configured.Settings.Archives.Mode, Is.EqualTo(expected));
    }

    [Test]
    public void A_route_has_its_own_archives()
    {
        var configured = Given.File(
            "routes: [{name: a/b, archives: off}, {name: c, archives: Replace}, {name: d}, {name: e, archives: x}]"
        );

        Assert.That(
            configured.Settings.Archives.Folders.Select(f => $"{f.Key} {f.Value}"),
            Is.EquivalentTo(new[] { "/a/b Off", "/c Replace" })
        );
        Assert.That(
            configured.Mistakes(),
            Is.EqualTo(new[] { "distribyted.yaml:1:99 routes[3].archives: \"x\" is not one of beside, replace, off." })
        );
    }

    [Test]
    public void A_file_of_the_Go_program_is_read()
    {
        var yaml = """
            http:
              port: 4444
              ip: "0.0.0.0"
              httpfs: true
            webdav:
              port: 36911
              user: admin
              pass: admin
            torrent:
              global_cache_size: 2048
              metadata_folder: ./distribyted-data/metadata
              add_timeout: 60
              read_timeout: 120
              continue_when_add_timeout: false
              disable_ipv6: false
              disable_tcp: false
              disable_utp: false
            fuse:
              allow_other: false
              path: ./distribyted-data/mount
            log:
              path: ./distribyted-data/logs
              max_backups: 2
              max_size: 50
            routes:
              - name: multimedia
                torrents:
                  - magnet_uri: "magnet:?xt=urn:btih:c9e15763f722f23e98a29decdfae341b98d53056&dn=Cosmos+Laundromat"
            servers:
              - name: server
                path: ./distribyted-data/served-folders/server
                trackers: ["udp://tracker.example.org:1337/announce"]
            """;

        var configured = Given.File(yaml);

        Assert.That(configured.Mistakes(), Is.Empty);
        Assert.That(configured.Settings.WebDavListener.IsListening);
        Assert.That(configured.Warnings(), Has.One.Contains("admin/admin"));
        Assert.That(configured.Settings.Routes.Routes.Single().Where, Is.EqualTo("distribyted.yaml:26"));
        Assert.That(configured.Settings.Routes.Servers.Single().PieceLength, Is.EqualTo(512 << 10));
    }

    [Test]
    public void A_missing_file_is_written_from_the_template_and_used()
    {
        var folder = Directory.CreateTempSubdirectory("distribyted-test-").FullName;
        try
        {
            var path = Path.Combine(folder, "new", "my.yaml");

            var configured = ConfigurationReader.Read(path, [], new Hashtable(), mayWrite: true);

            Assert.That(configured.Mistakes(), Is.Empty);
            Assert.That(File.ReadAllBytes(path), Is.EqualTo(ConfigurationFile.Template()));
            Assert.That(configured.Settings.Routes.Routes.Single().Torrents, Has.Count.EqualTo(5));
            Assert.That(ConfigurationReader.Read(folder, [], new Hashtable(), mayWrite: true).Mistakes(), Has.One.Contains("is a folder"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
