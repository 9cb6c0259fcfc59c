using System.Collections;
using CsCheck;
using Distribyted.Configuration;

namespace Distribyted.Tests.Configuration;

internal sealed class MistakeTests
{
    [Test]
    public void Every_mistake_is_told_at_once_where_it_stands_and_what_would_be_right()
    {
        var yaml = """
            webdav:
              port: 99999
            torrent:
              add_timout: 5
              read_timeout: two minutes
            routes:
              - name: films
                torrents:
                  - magnet_uri: "magnet:?dn=nothing"
            """;
        var variables = new Hashtable { ["DISTRIBYTED_HTTP_PORT"] = "4444;" };

        var configured = Given.All(yaml, variables, "--log-levl", "debug");

        var file = configured.File.Name;
        var expected = $"""
            distribyted: 6 mistakes in the configuration; nothing was started.
              {file}:2:9     webdav.port: 99999 is not a port. Use 1 to 65535, 0 for any free port, -1 for none.
              {file}:4:3     torrent.add_timout: there is no such key. Did you mean add_timeout?
              {file}:5:17    torrent.read_timeout: "two minutes" is not a duration. Use seconds (120) or a unit (2m).
              {file}:9:21    routes[0].torrents[0].magnet_uri: no info hash. Expected xt=urn:btih: with 40 hex or 32 base32 characters, or xt=urn:btmh: with 1220 and 64 hex.
              DISTRIBYTED_HTTP_PORT http.port: "4444;" is not a port. Use 1 to 65535, 0 for any free port, -1 for none.
              --log-levl there is no such flag. Did you mean --log-level?
            Check again without starting: distribyted check (with the same flags)

            """;
        Assert.That(Squeezed(configured.Report.ToString()), Is.EqualTo(Squeezed(expected)));
    }

    [Test]
    public void What_the_go_program_took_is_taken()
    {
        var configured = Given.File(
            "webdav: {user: \"\", pass: \"\"}\nservers: [{name: a, path: ./a, tracker_url: \"udp://t.example:80\"}]\n"
        );

        Assert.That(configured.Mistakes(), Is.Empty);
        Assert.That(configured.Warnings().Single(), Does.Contain("is not the http(s) address of a list of trackers"));
    }

    [TestCase("webdav: {port: 0x10}", "webdav.port: \"0x10\" is not a port. Use 1 to 65535, 0 for any free port, -1 for none.")]
    [TestCase(
        "http: {ip: everywhere}",
        "http.ip: \"everywhere\" is not an address. Use an IPv4 or IPv6 address such as 192.168.1.10, without brackets or port."
    )]
    [TestCase("http: {ip: 1}", "http.ip: 1 is not an address. Use an IPv4 or IPv6 address such as 192.168.1.10, without brackets or port.")]
    [TestCase("http: {httpfs: maybe}", "http.httpfs: \"maybe\" is not true or false.")]
    [TestCase("auth: {web: no}", "auth.web: \"no\" is not one of required, off.")]
    [TestCase("log: {level: loud}", "log.level: \"loud\" is not one of trace, debug, info, warn, error.")]
    [TestCase("log: {levels: {Web: loud}}", "log.levels: Web: \"loud\" is not one of trace, debug, info, warn, error.")]
    [TestCase(
        "torrent: {global_cache_size: 63}",
        "torrent.global_cache_size: 63 is out of range. Use 64 to 1099511627776, 0 for the default, -1 for no limit."
    )]
    [TestCase(
        "torrent: {global_cache_size: big}",
        "torrent.global_cache_size: \"big\" is not a size. Use megabytes (2048) or a unit (2GiB)."
    )]
    [TestCase("torrent: {max_connections: 1}", "torrent.max_connections: 1 is out of range. Use 2 to 65535, 0 for the default.")]
    [TestCase("torrent: {max_connections: many}", "torrent.max_connections: \"many\" is not a number. Use 2 to 65535, 0 for the default.")]
    [TestCase(
        "torrent: {upload_rate_limit: 5}",
        "torrent.upload_rate_limit: 5 is out of range. Use 16384 to 1099511627776, 0 for no limit."
    )]
    [TestCase(
        "torrent: {upload_rate_limit: fast}",
        "torrent.upload_rate_limit: \"fast\" is not a rate. Use bytes a second (1048576) or a unit (1MB/s, 8Mbit)."
    )]
    [TestCase(
        "torrent: {extra_trackers: [nowhere]}",
        "torrent.extra_trackers: \"nowhere\" is not a tracker. Use an address such as udp://host:port/announce or https://host/announce."
    )]
    [TestCase("torrent: {read_timeout: [1]}", "torrent.read_timeout: a list is not a duration. Use seconds (120) or a unit (2m).")]
    [TestCase("torrent: 5", "torrent: 5 stands where a section is expected.")]
    [TestCase(
        "webdav: {user: 'a:b'}",
        "webdav.user: \"a:b\" is not a user name. Use at most 64 characters, without \":\" and control characters."
    )]
    [TestCase("routes: {name: a}", "routes: a section is not a list. Begin each entry with \"- \".")]
    [TestCase("routes: [{torrents: []}]", "routes[0].name: it is missing. Name the folder that the mount shows.")]
    [TestCase(
        "routes: [{name: ../x}]",
        "routes[0].name: \"../x\" is not the name of a route. Use 1 to 255 bytes without \"\\\" and control characters, and not \"..\"; a/b is a route in a folder."
    )]
    [TestCase(
        "auth: {users: [{name: anna, pass: x, routes: [films, /]}]}",
        "auth.users[0].routes: \"/\" is not the name of a route. Use 1 to 255 bytes without \"\\\" and control characters, and not \"..\"; a/b is a route in a folder."
    )]
    [TestCase("routes: [{name: a, torrents: [{}]}]", "routes[0].torrents[0]: neither magnet_uri nor torrent_path. Name one of them.")]
    [TestCase("servers: [{name: a}]", "servers[0].path: it is missing.")]
    [TestCase(
        "servers: [{name: a, path: /tmp/x, piece_size: 100}]",
        "servers[0].piece_size: 100 is not a piece size. Use KB, a power of two, 16 to 65536."
    )]
    [TestCase("torrent: {cache_sise: 1}", "torrent.cache_sise: there is no such key.")]
    [TestCase(
        "http: {allowed_hosts: ['https://x.example']}",
        "http.allowed_hosts: \"https://x.example\" is not a name or address of a machine. Use media.example.org or 192.168.1.10, without https:// and port."
    )]
    [TestCase(
        "http: {base_path: torrents}",
        "http.base_path: \"torrents\" is not the path of a proxy. Use /torrents, with letters, digits, \"-\", \"_\", \".\" and \"~\" only."
    )]
    [TestCase(
        "http: {base_path: /a/../b}",
        "http.base_path: \"/a/../b\" is not the path of a proxy. Use /torrents, with letters, digits, \"-\", \"_\", \".\" and \"~\" only."
    )]
    [TestCase(
        "http: {base_path: /fs/}",
        "http.base_path: \"/fs/\" begins with /fs, which is an address of this program itself. Choose another one."
    )]
    [TestCase(
        "http: {trusted_proxies: [proxy.lan]}",
        "http.trusted_proxies: \"proxy.lan\" is not an address or network. Use 192.168.1.10, 172.16.0.0/12 or fd00::/8, without a name or port."
    )]
    [TestCase(
        "http: {trusted_proxies: 10.0.0.2/33}",
        "http.trusted_proxies: \"10.0.0.2/33\" is not an address or network. Use 192.168.1.10, 172.16.0.0/12 or fd00::/8, without a name or port."
    )]
    [TestCase("max_peers: 5", "max_peers: there is no such key. Did you mean torrent.max_conns_per_torrent?")]
    [TestCase("http: {read_timeout: 5}", "http.read_timeout: there is no such key. Did you mean torrent.read_timeout?")]
    [TestCase("xyzzy: 1", "xyzzy: there is no such key.")]
    [TestCase("auth: {users: [{name: anna}]}", "auth.users[0].pass: it is missing. Give pass, pass_file or pass_hash.")]
    [TestCase("auth: {users: [{name: anna, pass: x, pass_hash: y}]}", "auth.users[0].pass: pass and pass_hash are both given. Keep one.")]
    [TestCase("log: {debug: true, level: info}", "log.debug: true together with log.level (distribyted.yaml:1:27). Keep log.level.")]
    [TestCase(
        "webdav: {user: a, pass: b}\nhttp: {user: a, pass: c}",
        "http.user: the user a is named twice, with two passwords. Keep one."
    )]
    [TestCase(
        "auth: {web: required}\nhttp: {disable_auth: true}",
        "http.disable_auth: true is the opposite of auth.web (distribyted.yaml:1:13). Keep auth.web."
    )]
    [TestCase("webdav:\n  pass: !hunter2", "a value that begins with \"!\" is a tag in YAML and would be lost. Put it in quotes.")]
    [TestCase(
        "http: {tls_port: none}\nauth: {require_tls: true}",
        "http.tls_port: \"none\" is not a port. Use 1 to 65535, 0 for any free port, -1 for none."
    )]
    [TestCase("http: {port: 99999, tls_port: 4444}", "http.port: 99999 is not a port. Use 1 to 65535, 0 for any free port, -1 for none.")]
    [TestCase("auth: {users: [{name: anna, pass: x, rights: write}]}", "auth.users[0].rights: \"write\" is not one of full, read.")]
    [TestCase("auth: {users: [{name: anna, pass: x}, {name: anna, pass: y}]}", "auth.users[1].name: \"anna\" is there twice.")]
    public void A_mistake_says_what_is_wrong_and_what_would_be_right(string yaml, string words)
    {
        var configured = Given.File(yaml);

        Assert.That(configured.Report.Mistakes.Select(m => m.Text), Is.EqualTo(new[] { words }));
    }

    [Test]
    public void Two_listeners_on_one_port_are_a_mistake_on_overlapping_addresses_only()
    {
        Assert.That(Given.File("http: {port: 5000}\nwebdav: {port: 5000}").Report.HasMistakes);
        Assert.That(Given.File("http: {port: 5000, ip: 127.0.0.1}\nwebdav: {port: 5000, ip: 127.0.0.2}").Report.HasMistakes, Is.False);
    }

    [TestCase("torrent: {listen_port: 4444}", "torrent.listen_port: 4444 is http.port, too (default). Use two ports.")]
    [TestCase("http: {port: 42069}", "http.port: 42069 is torrent.listen_port, too (default). Use two ports.")]
    [TestCase(
        "webdav: {port: 5000}\ntorrent: {listen_port: 5000}",
        "webdav.port: 5000 is torrent.listen_port, too (distribyted.yaml:2:24). Use two ports."
    )]
    [TestCase(
        "http: {tls_port: 5000}\ntorrent: {listen_port: 5000, bind_address: [127.0.0.1, 127.0.0.1]}",
        "http.tls_port: 5000 is torrent.listen_port, too (distribyted.yaml:2:24). Use two ports."
    )]
    public void Peers_and_listeners_on_one_port_are_a_mistake(string yaml, string words)
    {
        Assert.That(Given.File(yaml).Report.Mistakes.Select(m => m.Text), Is.EqualTo(new[] { words }));
    }

    [TestCase("http: {port: 5000, ip: 127.0.0.1}\ntorrent: {listen_port: 5000, bind_address: 127.0.0.2}")]
    [TestCase("torrent: {listen_port: 36911}")]
    [TestCase("http: {port: -1}\ntorrent: {listen_port: 4444}")]
    [TestCase("http: {port: 0}\ntorrent: {listen_port: 0}")]
    public void Peers_may_have_a_port_that_no_listener_has(string yaml)
    {
        Assert.That(Given.File(yaml).Mistakes(), Is.Empty);
    }

    [TestCase("torrent: &t\n  seed: true", "anchors")]
    [TestCase("http: {httpfs: *t}", "aliases")]
    [TestCase("torrent:\n  <<: {seed: true}", "merging")]
    [TestCase("torrent:\n\tseed: true", "tab")]
    [TestCase("torrent: {seed: true", "not YAML")]
    [TestCase("torrent:\n  seed: true\n---\nx: 1", "second document")]
    [TestCase("torrent:\n  seed: true\n  seed: false", "twice")]
    [TestCase("- torrent", "section")]
    public void What_is_not_plain_yaml_is_refused_with_the_reason(string yaml, string word)
    {
        var mistakes = Given.File(yaml).Mistakes();

        Assert.That(mistakes, Has.Some.Contains(word));
        Assert.That(mistakes[0], Does.StartWith("distribyted.yaml:"));
    }

    [Test]
    public void A_file_that_is_deep_or_large_is_refused_not_read_for_ever()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 5000));
        var large = new byte[2 << 20];

        Assert.That(Given.File("x: " + deep).Report.HasMistakes);
        Assert.That(ConfigurationReader.ReadText("x", large).Mistakes(), Has.One.Contains("at most 1048576"));
    }

    [Test]
    public void Any_text_gives_settings_or_mistakes_and_never_an_exception()
    {
        string[] parts =
        [
            "torrent",
            "http",
            ":",
            " ",
            "\n",
            "\n  ",
            "- ",
            "[",
            "]",
            "{",
            "}",
            "*a",
            "&a",
            "<<",
            "'",
            "\"",
            "#",
            "|",
            ">",
            "\t",
            "!",
            "%",
            "port",
            "routes",
            "name",
            "4444",
            "--- ",
            "...",
            "?",
            "é",
            "\0",
        ];
        var words = Gen.Int[0, parts.Length - 1];

        words.Array[0, 30].Sample(picks => Given.File(string.Concat(picks.Select(i => parts[i]))) is not null, iter: 3000);
    }

    [Test]
    public void A_route_of_a_user_is_read_as_the_route_itself_is()
    {
        var configured = Given.File("auth: {users: [{name: kid, pass: x, routes: [/films/]}]}\nroutes: [{name: /films/}]");

        Assert.That(configured.Settings.Routes.Routes.Single().Name, Is.EqualTo("films"));
        Assert.That(configured.Users.Single().Routes, Is.EqualTo(["films"]));
        Assert.That(configured.Warnings(), Is.Empty);
    }

    [TestCase("routes: [{name: a, torrent_folder: /nowhere/at/all}]", "routes[0].torrent_folder: there is no folder /nowhere/at/all yet.")]
    [TestCase(
        "auth: {users: [{name: kid, pass: x, routes: [films, music]}]}\nroutes: [{name: films}]",
        "auth.users: kid may see the route music, which is not in the file. It shows once it is made."
    )]
    [TestCase("auth: {users: [{name: admin, pass: admin}]}", "auth.users: admin/admin is known to everybody. Choose another password.")]
    [TestCase("webdav: {pass: admin}", "webdav.pass: admin/admin is known to everybody. Choose another password.")]
    [TestCase(
        "auth: {webdav: off}\nwebdav: {}",
        "auth.webdav: no sign-in on an address that others reach: everybody on the network has full rights."
    )]
    [TestCase(
        "auth: {web: off}\nhttp: {ip: 127.0.0.1}",
        "auth.web: no sign-in: every program on this machine has full rights, and everybody whom a proxy here lets in."
    )]
    [TestCase(
        "auth: {trust_loopback: true}",
        "auth.trust_loopback: no sign-in for programs on this machine, nor for whom a proxy here lets in without saying so (X-Forwarded-For)."
    )]
    public void What_works_but_deserves_a_word_is_a_warning(string yaml, string words)
    {
        var configured = Given.File(yaml);

        Assert.That(configured.Mistakes(), Is.Empty);
        Assert.That(configured.Report.Warnings.Select(m => m.Text), Is.EqualTo(new[] { words }));
    }

    [Test]
    public void A_broken_file_hides_no_mistake_of_variables_and_flags_and_makes_up_none()
    {
        var variables = new Hashtable { ["DISTRIBYTED_HTTP_IP"] = "here" };

        var configured = Given.All("torrent: {seed: true", variables, "--auth-require-tls", "--webdav-pass-file", "/nowhere");

        Assert.That(
            configured.Report.Mistakes.Select(m => m.Key),
            Is.EqualTo(["", "http.ip"]),
            "what stands in the file is not known, so nothing is compared with it"
        );
    }

    [Test]
    public void Secrets_are_in_no_message()
    {
        var configured = Given.All(
            "webdav: {user: 'a:b', pass: hunter2hunter2}\nhttp: {user: x, pass: [hunter2hunter2]}\ntls:\n  password: !hunter2",
            null,
            "--webdav-pass",
            "hunter2hunter2"
        );

        var everything = string.Join(
            '\n',
            [.. configured.Mistakes(), .. configured.Warnings(), .. Keys.All.Select(k => k.Show(configured.Settings))]
        );
        Assert.That(everything, Does.Not.Contain("hunter2"));
    }

    private static string Squeezed(string text)
    {
        return string.Join(
            '\n',
            text.ReplaceLineEndings("\n").Split('\n').Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        );
    }
}
