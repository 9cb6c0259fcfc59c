namespace Distribyted.Web.Tests;

/// <summary>Asks until an answer is as expected.</summary>
internal static class Poll
{
    public static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> isExpected, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var answer = await ask();
            if (isExpected(answer))
            {
                return answer;
            }

            await Task.Yield();
        }
    }
}
