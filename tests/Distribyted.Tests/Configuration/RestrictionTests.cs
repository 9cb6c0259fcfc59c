using System.Collections;
using System.Text.RegularExpressions;
using Distribyted.Configuration;

namespace Distribyted.Tests.Configuration;

/// <summary>A key that would keep something from happening, and does not yet, ends the start: a proxy that is not used shows an address that was to be hidden.</summary>
internal sealed partial class RestrictionTests
{
    [TestCase("torrent: {proxy_url: 'socks5://127.0.0.1:1080'}", "torrent.proxy_url")]
    [TestCase("torrent: {proxy_url_file: /run/secrets/proxy}", "torrent.proxy_url_file")]
    [TestCase("torrent: {bind_interface: wg0}", "torrent.bind_interface")]
    [TestCase("torrent: {block_list: /etc/blocked.p2p}", "torrent.block_list")]
    [TestCase("torrent: {block_list: ['https://example.org/list.gz']}", "torrent.block_list")]
    [TestCase("torrent: {rate_schedule: [{from: '08:00', to: '20:00', upload_rate_limit: 100KB}]}", "torrent.rate_schedule")]
    [TestCase("torrent: {seed_ratio_limit: 1}", "torrent.seed_ratio_limit")]
    [TestCase("torrent: {seed_time_limit: 60}", "torrent.seed_time_limit")]
    [TestCase("security: {rate_limit: 100}", "security.rate_limit")]
    [TestCase("data_cap: {month: 500GB}", "data_cap")]
    public void It_ends_the_start(string yaml, string key)
    {
        var configured = Given.File(yaml);

        var mistake = configured.Report.Mistakes.Single();
        Assert.That(mistake.Key, Is.EqualTo(key));
        Assert.That(mistake.Problem, Does.StartWith("it is not in this version yet, and without it"));
    }

    [Test]
    public void Variables_and_flags_end_it_too()
    {
        var variables = new Hashtable { ["DISTRIBYTED_TORRENT_PROXY_URL"] = "socks5://user:hunter2@127.0.0.1:1080" };

        var configured = Given.All("", variables, "--torrent-bind-interface", "wg0");

        Assert.That(
            configured.Report.Mistakes.Select(m => $"{m.Origin} {m.Key}"),
            Is.EqualTo(["DISTRIBYTED_TORRENT_PROXY_URL torrent.proxy_url", "--torrent-bind-interface torrent.bind_interface"])
        );
        Assert.That(configured.Report.ToString(), Does.Not.Contain("hunter2"));
    }

    [TestCase("torrent: {proxy_url: '', proxy_url_file: , bind_interface: \"\", block_list: [], rate_schedule: []}")]
    [TestCase("torrent: {block_list: '', disable_tcp: no, seed_ratio_limit: -1, seed_time_limit: -1}")]
    [TestCase("security: {rate_limit: 0}\ndata_cap:")]
    public void A_value_that_asks_for_nothing_starts_without_a_word(string yaml)
    {
        var configured = Given.File(yaml);

        Assert.That(configured.Mistakes(), Is.Empty);
        Assert.That(configured.Warnings(), Is.Empty);
    }

    // What only adds something, or only narrows what is not there.
    [TestCase("torrent: {proxy_scope: peers}")]
    [TestCase("torrent: {block_list_refresh: 3600}")]
    [TestCase("torrent: {max_awake_torrents: 10}")]
    [TestCase("security: {rate_limit_burst: 200}")]
    [TestCase("security: {allowed_origins: ['https://example.org']}")]
    [TestCase("auth: {tokens: [{name: a, token: 12345678901234567890}]}")]
    [TestCase("metrics: {public: true}")]
    [TestCase("scan_shield: {on: true}")]
    public void A_capability_that_is_missing_is_a_warning(string yaml)
    {
        var configured = Given.File(yaml);

        Assert.That(configured.Mistakes(), Is.Empty);
        Assert.That(configured.Warnings(), Has.Length.EqualTo(1));
    }

    [Test]
    public void Without_both_transports_no_peer_could_be_spoken_to()
    {
        var configured = Given.File("torrent: {disable_tcp: true, disable_utp: true}");

        Assert.That(configured.Report.Mistakes.Single().Key, Is.EqualTo("torrent.disable_utp"));
        Assert.That(Given.File("torrent: {disable_tcp: true}").Mistakes(), Is.Empty);
        Assert.That(Given.File("torrent: {disable_utp: true}").Mistakes(), Is.Empty);
    }

    [Test]
    public void Every_key_that_limits_denies_or_requires_was_looked_at()
    {
        string[] harmless =
        [
            "torrent.block_list_refresh", // without a list there is nothing to renew
            "torrent.proxy_scope", // without a proxy there is nothing to narrow
            "security.rate_limit_burst",
            "security.allowed_origins", // without CORS no origin is allowed
            "streaming.max_transcodes",
            "torrent.max_awake_torrents", // costs memory, lets no client in and no data out
        ];

        var suspicious = LaterKeys.All.Where(k => Restricting().IsMatch(k) && !LaterKeys.Restricts(k));

        Assert.That(suspicious, Is.EquivalentTo(harmless));
    }

    [GeneratedRegex(
        "limit|block|disable|proxy|bind|trusted|allowed|encrypt|max_|schedule",
        RegexOptions.None,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Restricting();
}
