using System.Security.Claims;
using Distribyted.Dashboard.Removal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.Dashboard.Tests.Removal;

/// <summary>Removing with a while to undo it.</summary>
internal sealed class RemovalsTests
{
    private static readonly TorrentKey One = new("films", "a");
    private static readonly TorrentKey Two = new("films", "b");

    private readonly FakeTimeProvider _time = new();
    private readonly List<(TorrentKey Torrent, bool Pieces)> _removed = [];
    private readonly List<string> _failed = [];

    [SetUp]
    public void Clear()
    {
        _removed.Clear();
        _failed.Clear();
    }

    [Test]
    public void Nothing_is_removed_before_its_time()
    {
        var removals = New();
        removals.Begin(new ClaimsPrincipal(), [One, Two], pieces: false, _failed.Add);

        _time.Advance(Removals.Grace - TimeSpan.FromMilliseconds(1));
        Assert.That(_removed, Is.Empty);
        Assert.That(removals.IsPending("films", "a"), Is.True);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.That(_removed, Is.EqualTo(new[] { (One, false), (Two, false) }));
        Assert.That(removals.IsPending("films", "a"), Is.False);
    }

    [Test]
    public void What_is_undone_stays()
    {
        var removals = New();
        var removal = removals.Begin(new ClaimsPrincipal(), [One], pieces: true, _failed.Add);

        Assert.That(removal.TryUndo(), Is.True);
        _time.Advance(Removals.Grace * 2);

        Assert.That(_removed, Is.Empty);
        Assert.That(removals.IsPending("films", "a"), Is.False);
    }

    [Test]
    public void An_undo_that_comes_too_late_says_so()
    {
        var removal = New().Begin(new ClaimsPrincipal(), [One], pieces: true, _failed.Add);
        _time.Advance(Removals.Grace);

        Assert.That(removal.TryUndo(), Is.False);
        Assert.That(_removed, Has.Count.EqualTo(1));
    }

    [Test]
    public void What_is_pending_already_is_removed_once()
    {
        var removals = New();
        removals.Begin(new ClaimsPrincipal(), [One], pieces: true, _failed.Add);
        var second = removals.Begin(new ClaimsPrincipal(), [One, Two], pieces: true, _failed.Add);

        _time.Advance(Removals.Grace);

        Assert.That(second.Torrents, Is.EqualTo(new[] { Two }));
        Assert.That(_removed, Is.EquivalentTo(new[] { (One, true), (Two, true) }));
    }

    [Test]
    public void A_refusal_is_told_and_the_others_go()
    {
        var removals = new Removals(
            (_, torrent, pieces) =>
            {
                _removed.Add((torrent, pieces));
                return Task.FromResult(torrent == One ? "It is named by the configuration." : null);
            },
            _time,
            NullLogger<Removals>.Instance
        );
        removals.Begin(new ClaimsPrincipal(), [One, Two], pieces: true, _failed.Add);

        _time.Advance(Removals.Grace);

        Assert.That(_failed, Is.EqualTo(new[] { "It is named by the configuration." }));
        Assert.That(_removed, Has.Count.EqualTo(2));
    }

    private Removals New()
    {
        return new Removals(
            (_, torrent, pieces) =>
            {
                _removed.Add((torrent, pieces));
                return Task.FromResult<string?>(null);
            },
            _time,
            NullLogger<Removals>.Instance
        );
    }
}
