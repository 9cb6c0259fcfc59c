using Distribyted.Dashboard.Charts;
using Distribyted.Web.Api.V1.Contracts;

namespace Distribyted.Dashboard.Tests.Charts;

/// <summary>The map of pieces as paths.</summary>
internal sealed class PieceMapDrawingTests
{
    [Test]
    public void Each_run_is_one_shape_of_its_length()
    {
        var drawing = new PieceMapDrawing(Map(10, (PieceStateView.Have, 2), (PieceStateView.Absent, 5), (PieceStateView.Have, 3)));

        Assert.That(drawing.Path(PieceStateView.Have), Is.EqualTo("M0 0H200V40H0ZM700 0H1000V40H700Z"));
        Assert.That(drawing.Path(PieceStateView.Absent), Is.Empty);
        Assert.That(drawing.Count(PieceStateView.Have), Is.EqualTo(5));
        Assert.That(drawing.Count(PieceStateView.Absent), Is.EqualTo(5));
    }

    [Test]
    public void Many_short_runs_stay_few_shapes_and_true_numbers()
    {
        var runs = Enumerable.Range(0, 20_000).Select(static i => (i % 3 == 0 ? PieceStateView.Absent : PieceStateView.Have, 1)).ToArray();

        var drawing = new PieceMapDrawing(Map(20_000, runs));

        Assert.That(drawing.Path(PieceStateView.Have).Length, Is.LessThan(30_000));
        Assert.That(drawing.Count(PieceStateView.Have), Is.EqualTo(13_333));
    }

    [Test]
    public void A_map_without_pieces_is_empty()
    {
        var drawing = new PieceMapDrawing(new PieceMapView(0, 0, []));

        Assert.That(drawing.Path(PieceStateView.Have), Is.Empty);
        Assert.That(drawing.X(5), Is.Zero);
    }

    private static PieceMapView Map(int pieces, params (PieceStateView State, int Count)[] runs)
    {
        return new PieceMapView(pieces, 16_384, [.. runs.Select(static run => new PieceRunView(run.State, run.Count))]);
    }
}
