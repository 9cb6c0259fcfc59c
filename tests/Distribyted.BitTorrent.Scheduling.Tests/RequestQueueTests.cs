using CsCheck;

namespace Distribyted.BitTorrent.Scheduling.Tests;

internal sealed class RequestQueueTests
{
    [Test]
    public void It_is_a_list_with_a_cheap_front()
    {
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 100])
            .Array[0, 200]
            .Sample(
                steps =>
                {
                    var queue = new RequestQueue();
                    var list = new List<Request>();
                    var next = 0;
                    foreach (var (kind, number) in steps)
                    {
                        if (kind == 3 && list.Count > 0)
                        {
                            queue.RemoveAt(number % list.Count);
                            list.RemoveAt(number % list.Count);
                        }
                        else
                        {
                            var request = new Request(next / 4, next % 4, next++, 0, false, 0);
                            queue.Enqueue(request);
                            list.Add(request);
                        }
                    }

                    return queue.Count == list.Count
                        && Enumerable.Range(0, list.Count).All(i => queue[i] == list[i] && queue.Find(list[i].Piece, list[i].Block) == i)
                        && queue.Find(next / 4, next % 4) == -1;
                },
                threads: 1
            );
    }

    [Test]
    public void The_oldest_of_two_requests_for_a_block_is_found_and_a_cleared_queue_has_none()
    {
        var queue = new RequestQueue();
        queue.Enqueue(new Request(1, 2, 10, 0, false, 0));
        queue.Enqueue(new Request(1, 2, 20, 0, false, 0));

        Assert.That(queue.Find(1, 2), Is.Zero);
        Assert.That((queue.Find(2, 2), queue.Find(1, 1)), Is.EqualTo((-1, -1)));
        queue.Clear();
        Assert.That((queue.Count, queue.Find(1, 2)), Is.EqualTo((0, -1)));
    }
}
