using Bunit;
using Distribyted.Dashboard.Parts;
using Distribyted.Web.Api.V1.Contracts;

namespace Distribyted.Dashboard.Tests.Parts;

/// <summary>What is shown of an open reader.</summary>
internal sealed class ReaderItemTests
{
    [Test]
    public void A_reader_that_waits_says_for_what_and_why()
    {
        using var page = new BunitContext();
        var wait = new ReaderWaitView(7, 12.3, 16, 4, 8, [], 3, WaitCauseView.AllChoke, "The two peers that have it choke us.");

        var shown = page.Render<ReaderItem>(item => item.Add(i => i.Reader, Reader(wait)));

        Assert.That(shown.Find(".chip").TextContent, Is.EqualTo("Waits"));
        Assert.That(shown.Find(".why").TextContent, Is.EqualTo("12 s: The two peers that have it choke us."));
        Assert.That(shown.Markup, Does.Contain("Piece 7: 4 of 16 blocks here, 8 on the way; expected in 3 s."));
    }

    [Test]
    public void A_request_that_waits_for_metadata_says_so_and_shows_no_position()
    {
        using var page = new BunitContext();
        var wait = new ReaderWaitView(-1, 2.4, 0, 0, 0, [], null, WaitCauseView.MetadataMissing, "The metadata has not come.");
        var reader = Reader(wait) with { Length = 0, Position = 0, BytesAhead = 0, FirstWanted = -1, LastWanted = -1 };

        var shown = page.Render<ReaderItem>(item => item.Add(i => i.Reader, reader));

        Assert.That(shown.Find(".why").TextContent, Is.EqualTo("2 s: The metadata has not come."));
        Assert.That(shown.FindAll("[role=progressbar]"), Is.Empty);
        Assert.That(shown.Markup, Does.Not.Contain("Piece"));
    }

    [Test]
    public void The_moment_in_which_a_piece_arrives_is_no_wait()
    {
        using var page = new BunitContext();
        var wait = new ReaderWaitView(7, 0.2, 16, 4, 8, [], null, WaitCauseView.Arriving, "It arrives.");

        var shown = page.Render<ReaderItem>(item => item.Add(i => i.Reader, Reader(wait)));

        Assert.That(shown.Find(".chip").TextContent, Is.EqualTo("Plays"));
        Assert.That(shown.FindAll(".why"), Is.Empty);
    }

    [Test]
    public void Position_and_what_is_ahead_are_said_and_drawn()
    {
        using var page = new BunitContext();

        var shown = page.Render<ReaderItem>(item => item.Add(i => i.Reader, Reader(null)));

        Assert.That(shown.Markup, Does.Contain("250 MiB of 1000 MiB").Or.Contain("250 MiB of 0.98 GiB"));
        Assert.That(shown.Markup, Does.Contain("100 MiB ahead, for 1 min 40 s"));
        Assert.That(shown.Find("[role=progressbar]").GetAttribute("aria-valuenow"), Is.EqualTo("25"));
        Assert.That(shown.Find(".ahead").GetAttribute("style"), Is.EqualTo("width:35%"));
    }

    private static ReaderView Reader(ReaderWaitView? wait)
    {
        return new ReaderView(
            "a-1",
            new string('a', 40),
            "Films",
            "Films/film.mkv",
            null,
            1000L << 20,
            250L << 20,
            100L << 20,
            1L << 20,
            3,
            9,
            wait
        );
    }
}
