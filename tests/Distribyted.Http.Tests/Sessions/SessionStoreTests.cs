using System.Text;
using Distribyted.Http.Sessions;
using Distribyted.Http.Users;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.Http.Tests.Sessions;

/// <summary>How long a browser stays signed in, and what is kept of it.</summary>
[TestFixture]
public sealed class SessionStoreTests
{
    private static readonly HttpUser Anna = HttpUser.Create("anna", "secret");
    private static readonly HttpUser Ben = HttpUser.Create("ben", "secret");

    private TempFolder _folder = null!;
    private SettableClock _time = null!;
    private SessionOptions _options = null!;

    [SetUp]
    public void Start()
    {
        _folder = new TempFolder();
        _time = new SettableClock();
        _options = new SessionOptions { File = Path.Combine(_folder.Path, "sessions") };
    }

    [TearDown]
    public void Stop()
    {
        _folder.Dispose();
    }

    [Test]
    public void A_session_is_found_by_its_id_alone()
    {
        var store = Store();

        var id = store.Begin(Anna);

        Assert.That(store.Find(id)?.User, Is.EqualTo("anna"));
        Assert.That(store.Find(SessionId.Create()), Is.Null);
        Assert.That(store.Begin(Anna).ToString(), Is.Not.EqualTo(id.ToString()));
    }

    [Test]
    public void It_lives_over_a_restart()
    {
        var id = Store().Begin(Anna);

        var session = Store().Find(id);

        Assert.That(session?.User, Is.EqualTo("anna"));
        Assert.That(session?.IsProved(id, Anna.HashSha256), Is.True);
        Assert.That(session?.IsProved(id, HttpUser.Create("anna", "another").HashSha256), Is.False);
    }

    [Test]
    public void The_file_is_private_and_has_neither_the_id_nor_the_password()
    {
        var id = Store().Begin(Anna);

        var text = File.ReadAllText(_options.File!);

        Assert.That(text, Does.Contain("anna").And.Not.Contain(id.ToString()).And.Not.Contain(Anna.HashSha256));
        Assert.That(text, Does.Not.Contain(Convert.ToHexStringLower(id.Bytes)));
        if (!OperatingSystem.IsWindows())
        {
            Assert.That(File.GetUnixFileMode(_options.File!), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }
    }

    [Test]
    public void Thirty_days_without_a_request_end_it_and_ninety_days_in_any_case()
    {
        var store = Store();
        var quiet = store.Begin(Anna);
        var busy = store.Begin(Anna);

        for (var day = 0; day < 30; day++)
        {
            Assert.That(store.Find(busy), Is.Not.Null, $"day {day}");
            _time.Advance(TimeSpan.FromDays(1));
        }

        Assert.That(store.Find(quiet), Is.Not.Null, "to the second");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(store.Find(busy), Is.Not.Null);
        _time.Advance(TimeSpan.FromDays(30));
        Assert.That(store.Find(quiet), Is.Null);
        Assert.That(store.Find(busy), Is.Not.Null);
        _time.Advance(TimeSpan.FromDays(29));
        Assert.That(store.Find(busy), Is.Not.Null);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.That(store.Find(busy), Is.Null);
        Assert.That(Store().Find(busy), Is.Null);
    }

    [Test]
    public void Requests_are_remembered_over_a_restart_although_not_each_is_written()
    {
        var store = Store();
        var id = store.Begin(Anna);
        var written = File.GetLastWriteTimeUtc(_options.File!);
        store.Find(id);
        Assert.That(File.GetLastWriteTimeUtc(_options.File!), Is.EqualTo(written));

        _time.Advance(TimeSpan.FromDays(20));
        store.Find(id);
        _time.Advance(TimeSpan.FromDays(20));

        Assert.That(Store().Find(id), Is.Not.Null);
    }

    [Test]
    public void Signing_out_ends_one_session_or_all_of_a_user_with_what_is_open()
    {
        var store = Store();
        var (first, second, other) = (store.Begin(Anna), store.Begin(Anna), store.Begin(Ben));
        var open = store.Find(second)!.Ended;

        store.End(store.Find(first)!);

        Assert.That((store.Find(first), store.Find(second)?.User), Is.EqualTo(((Session?)null, "anna")));
        Assert.That(open.IsCancellationRequested, Is.False);

        store.EndAll("anna");

        Assert.That(store.Find(second), Is.Null);
        Assert.That(open.IsCancellationRequested, Is.True);
        Assert.That((Store().Find(second), Store().Find(other)?.User), Is.EqualTo(((Session?)null, "ben")));
    }

    [Test]
    public void A_user_has_so_many_sessions_and_the_one_used_longest_ago_gives_way()
    {
        var store = Store();
        var ids = new List<SessionId>();
        for (var i = 0; i < SessionStore.MostOfUser; i++)
        {
            ids.Add(store.Begin(Anna));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        var other = store.Begin(Ben);
        Assert.That(store.Find(ids[0]), Is.Not.Null);
        store.Begin(Anna);

        Assert.That(store.Find(ids[0]), Is.Not.Null);
        Assert.That(store.Find(ids[1]), Is.Null);
        Assert.That(store.Find(other), Is.Not.Null);
    }

    [TestCase("")]
    [TestCase("x")]
    [TestCase("\t\t\t\t\n")]
    [TestCase("\0\0\0\0")]
    [TestCase("aa\tbb\t1\t2\tanna\n")]
    [TestCase("KEY\tKEY\t99999999999999999999\t1\tanna\n")]
    [TestCase("KEY\tKEY\t9999999999999\t1\tanna\n")]
    [TestCase("KEY\tKEY\t-1\t1\tanna\n")]
    public void A_file_that_is_not_ours_has_no_sessions(string text)
    {
        var key = new string('a', 64);
        File.WriteAllText(_options.File!, text.Replace("KEY", key, StringComparison.Ordinal), Encoding.UTF8);

        var store = Store();

        Assert.That(store.Find(SessionId.Create()), Is.Null);
        Assert.That(store.Find(store.Begin(Anna))?.User, Is.EqualTo("anna"));
    }

    [Test]
    public void Without_a_file_that_can_be_written_they_live_as_long_as_the_process()
    {
        _options.File = Path.Combine(_folder.Path, "missing", "sessions");

        var store = Store();

        Assert.That(store.Find(store.Begin(Anna))?.User, Is.EqualTo("anna"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Requests_do_not_wait_for_the_disk_and_sign_ins_meanwhile_are_written_together(CancellationToken cancellationToken)
    {
        using var reached = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        var file = new SessionFile(_options.File);
        var written = 0;
        var isSlow = false;
        var store = new SessionStore(
            _options,
            _time,
            NullLogger<SessionStore>.Instance,
            text =>
            {
                if (isSlow)
                {
                    reached.Release();
                    goOn.Wait(cancellationToken);
                }

                file.Replace(text);
                written++;
            }
        );
        var known = store.Begin(Anna);
        isSlow = true;

        var first = Task.Run(() => store.Begin(Anna), cancellationToken);
        await reached.WaitAsync(cancellationToken); // the file is being written
        var found = await Task.Run(() => store.Find(known), cancellationToken).WaitAsync(cancellationToken);
        var more = Enumerable.Range(0, 5).Select(_ => Task.Run(() => store.Begin(Ben), cancellationToken)).ToArray();
        goOn.Release(10);
        var ids = await Task.WhenAll([first, .. more]).WaitAsync(cancellationToken);

        var again = Store();
        Assert.That(found?.User, Is.EqualTo("anna"));
        Assert.That(ids.Select(id => again.Find(id)?.User), Is.EqualTo(["anna", "ben", "ben", "ben", "ben", "ben"]));
        Assert.That(written, Is.InRange(2, 7));
    }

    [Test]
    public void What_a_sign_in_returns_is_on_disk()
    {
        var store = Store();
        Parallel.For(0, 20, _ => Assert.That(Store().Find(store.Begin(Anna))?.User, Is.EqualTo("anna")));
    }

    private SessionStore Store()
    {
        return new SessionStore(_options, _time, NullLogger<SessionStore>.Instance);
    }
}
