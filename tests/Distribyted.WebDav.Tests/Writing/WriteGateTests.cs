using System.Text;
using Distribyted.FileSystem;
using Distribyted.WebDav.Locks;
using Distribyted.WebDav.Tests.Conversations;

namespace Distribyted.WebDav.Tests.Writing;

/// <summary>One write at a time, and no client that keeps it.</summary>
internal sealed class WriteGateTests
{
    [Test]
    public async Task Many_writers_leave_one_whole_file()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(i => server.AskAsync("PUT /inbox/x", [], Enumerable.Repeat((byte)i, 100_000).ToArray()))
        );

        Assert.That(answers.Count(answer => answer.Status == 201), Is.EqualTo(1));
        Assert.That(answers.Count(answer => answer.Status == 204), Is.EqualTo(7));
        Assert.That(server.Store.Bytes("/inbox/x")!.Distinct().Count(), Is.EqualTo(1));
    }

    [TestCase("DELETE /films", null)]
    [TestCase("MOVE /films", null)]
    [TestCase("LOCK /films", Bodies.Exclusive)]
    public async Task Who_does_not_read_an_answer_holds_no_other_up(string request, string? body)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);
        for (var i = 0; i < 500; i++)
        {
            // 8 MB of answer: more than sockets hold
            server.Locks.TryAdd(
                new DavLock(
                    $"urn:{i}",
                    VirtualPath.Parse($"/films/{i}"),
                    $"/films/{i}/{new string('x', 8_000)}",
                    true,
                    false,
                    null,
                    null,
                    null,
                    TimeSpan.MaxValue
                )
            );
        }

        using var silent = await server.ConnectAsync(receiveBuffer: 4096);
        var head = $"{request} HTTP/1.1\r\nHost: x\r\nDestination: /copy\r\nContent-Length: {body?.Length ?? 0}\r\n\r\n{body}";
        await silent.SendAsync(Encoding.ASCII.GetBytes(head));
        await silent.ReceiveAsync(new byte[1]);

        Assert.That((await server.AskAsync("PUT /inbox/x", [], "x")).Status, Is.EqualTo(201));
    }
}
