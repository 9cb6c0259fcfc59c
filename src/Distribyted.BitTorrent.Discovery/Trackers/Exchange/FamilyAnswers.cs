namespace Distribyted.BitTorrent.Discovery.Trackers.Exchange;

/// <summary>Makes one answer of a tracker that was asked over both address families (BEP 7): over each it knows only the peers of that family.</summary>
internal static class FamilyAnswers
{
    /// <summary>The first good answer, without waiting for the other family, whose peers come with <see cref="AnnounceAnswer.Other"/>.</summary>
    /// <param name="asked">One or two; they throw nothing but for their token.</param>
    public static async Task<AnnounceAnswer> FirstGoodAsync(params Task<AnnounceAnswer>[] asked)
    {
        if (asked.Length == 1)
        {
            return await asked[0];
        }

        var first = await Task.WhenAny(asked);
        var other = asked[0] == first ? asked[1] : asked[0];
        var answer = await first;
        if (answer.Trouble is null)
        {
            return answer with { Other = other };
        }

        var second = await other;
        return second.Trouble is null || answer.IsOurNetwork ? second : answer; // many machines have no route for one of the families
    }
}
