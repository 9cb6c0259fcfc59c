namespace Distribyted.Tests.Configuration;

/// <summary>Tabs where YAML 1.2 takes them (sections 6.1 to 6.7): never as indentation, always around comments and between tokens.</summary>
internal sealed class TabTests
{
    [TestCase("log:\n  path: ./l\n\t# about backups\n  max_backups: 7\n", TestName = "a comment after a tab")]
    [TestCase("log:\n  path: ./l\n  # one\n\t# two\n\t# three\n\n  max_backups: 7\n", TestName = "comments after tabs in a block")]
    [TestCase("log:\n  path: ./l\n \t # mixed\n  max_backups: 7\n", TestName = "a comment after spaces and a tab")]
    [TestCase("log:\n  path: ./l\n\t\n  max_backups: 7\n", TestName = "a line of a tab alone")]
    [TestCase("log:\n  path: ./l\n  \t\n  max_backups: 7\n", TestName = "a line of spaces and a tab")]
    [TestCase("\t\nlog:\n  max_backups: 7\n", TestName = "the first line a tab")]
    [TestCase("\t# from the top\nlog:\n  max_backups: 7\n", TestName = "the first line a comment after a tab")]
    [TestCase("log:\n  max_backups: 7\n\t", TestName = "the last line a tab")]
    [TestCase("log:\n  max_backups: 7\n\t# the end", TestName = "the last line a comment after a tab")]
    [TestCase("log:\r\n  path: ./l\r\n\t# two\r\n\t\r\n  max_backups: 7\r\n", TestName = "lines of Windows")]
    [TestCase("log:\n  max_backups: 7\t# seven\n", TestName = "a tab before a trailing comment")]
    [TestCase("log:\n  max_backups: 7\t\n", TestName = "a tab at the end of a line")]
    [TestCase("log:\t\n  max_backups: 7\n", TestName = "a tab after the name of a section")]
    [TestCase("log:\t# logs\n  max_backups: 7\n", TestName = "a tab and a comment after the name of a section")]
    [TestCase("log:\n  max_backups:\t7\n", TestName = "a tab before a value")]
    [TestCase("log: {max_backups:\t7,\tpath: x}\n", TestName = "tabs in a flow mapping")]
    [TestCase("log: {\n\t# here\n\tmax_backups: 7,\n\tpath: x\n}\n", TestName = "lines of a flow mapping after tabs")]
    [TestCase("log:\n  max_backups: 7\nroutes:\n\t# none\n  - name: a\n\t# of them\n    torrents: []\n", TestName = "comments in a list")]
    [TestCase("log:\n  max_backups: 7\n  path: \"a\tb\" # x\n", TestName = "a tab in quotes")]
    public void Tabs_around_comments_are_read(string yaml)
    {
        var configured = Given.File(yaml);

        Assert.That(configured.Mistakes(), Is.Empty);
        Assert.That(configured.Settings.Log.MaxBackups, Is.EqualTo(7));
    }

    [Test]
    public void Places_are_those_of_the_file_as_it_is()
    {
        var configured = Given.File("log:\n\t# about backups\n  max_backups: 7\n\t# more\n  colour: red\n");

        Assert.That(configured.Mistakes().Single(), Does.StartWith("distribyted.yaml:5:3 log.colour: there is no such key."));
    }

    [TestCase("log:\n\tmax_backups: 7\n", 2)]
    [TestCase("log:\n\t# fine\n  path: x\n \tmax_backups: 7\n", 4)]
    public void A_tab_as_indentation_is_refused_where_it_stands(string yaml, int line)
    {
        Assert.That(
            Given.File(yaml).Mistakes(),
            Is.EqualTo(new[] { $"distribyted.yaml:{line}:1 this is not YAML: the line is indented with a tab. Use spaces." })
        );
    }

    [Test]
    public void A_tab_in_a_comment_is_not_taken_for_the_cause_of_another_mistake()
    {
        Assert.That(Given.File("log:\n\t# fine\n  path: 'x\n").Mistakes().Single(), Does.Not.Contain("tab"));
    }

    // Shapes of its templates of v0.8.0 to v0.12.0: tabs before comments, blank lines of spaces, items far in, comments left of what they are about.
    [TestCase("\n", "  read_timeout: 120\n")]
    [TestCase("\r\n", "  read_timeout: 120\n\n  # ip: \"192.0.2.1\"\n\n")]
    [TestCase("\n", "")]
    public void A_file_shaped_as_the_templates_of_the_Go_program_is_read(string endOfLine, string lastOfTorrent)
    {
        var yaml =
            "# An example\n\n# Web\nhttp:\n  port: 4444\n  \n  ip: \"0.0.0.0\"\n\n  # Files\n  httpfs: true\n\n"
            + "webdav:\n  port: 36911\n  user: admin\n  pass: admin\n\n"
            + "torrent:\n  # global_cache_size: -1 #all\n  global_cache_size: 2048\n\n  metadata_folder: ./data/metadata\n\n"
            + "  #disable_ipv6: true\n\n  add_timeout: 60\n"
            + lastOfTorrent
            + "fuse:\n  # X: on Windows\n  #   - or a folder\n  path: ./data/mount\n  # allow_other: true \n\n"
            + "log:\n  path: ./data/logs\n\n  # Old files that\n\t# are kept, the\n\t# newest)\n  max_backups: 2\n\n"
            + "  # Days, by\n\t# the clock\n\t# of this machine\n  # max_age: 30\n\n  # Size when\n\t# one is rolled\n  max_size: 50\n\n  # debug: true\n\n"
            + "routes:\n  - name: films\n    # torrent_folder: \"/some/where\"\n    torrents:\n       # one\n       # - torrent_path: /x.torrent\n"
            + "       - magnet_uri: \"magnet:?xt=urn:btih:c9e15763f722f23e98a29decdfae341b98d53056&dn=One\"\n"
            + "# More\n  # - name: data\n  #   torrents:\n  #      - magnet_uri: \"magnet:?xt=x\"\n\n"
            + "servers:\n  - name: server\n    path: ./data/shared\n\n    # tracker_url: \"https://example.org/list\"\n\n    trackers: \n"
            + "      - \"wss://tracker.example.org\"\n      - \"udp://tracker.example.org:1337/announce\"\n";

        var configured = Given.File(yaml.Replace("\n", endOfLine, StringComparison.Ordinal));

        Assert.That(configured.Mistakes(), Is.Empty);
        Assert.That(configured.Settings.Log.MaxBackups, Is.EqualTo(2));
        Assert.That(configured.Settings.Log.MaxSize, Is.EqualTo(50 << 20));
        Assert.That(configured.Settings.Routes.Routes.Single().Torrents, Has.Count.EqualTo(1));
        Assert.That(configured.Settings.Routes.Servers.Single().Trackers, Has.Count.EqualTo(2));
        Assert.That(
            configured.Warnings(),
            Is.EqualTo(
                new[]
                {
                    "distribyted.yaml:15:9 webdav.pass: admin/admin is known to everybody. Choose another password.",
                    $"distribyted.yaml:{configured.Report.Warnings[1].Origin.Line}:1 fuse: FUSE is not in this version yet; mount over WebDAV instead.",
                }
            )
        );
    }
}
