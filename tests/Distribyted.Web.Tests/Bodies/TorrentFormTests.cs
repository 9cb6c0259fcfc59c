using System.Text;

namespace Distribyted.Web.Tests.Bodies;

/// <summary>A torrent or magnet as a form.</summary>
[CancelAfter(60_000)]
internal sealed class TorrentFormTests
{
    private const string FileHead = "--b\r\nContent-Disposition: form-data; name=\"torrent\"; filename=\"x.torrent\"\r\n\r\n";
    private const string MagnetHead = "--b\r\nContent-Disposition: form-data; name=magnet\r\n\r\n";

    [TestCase("multipart/form-data; boundary=b", FileHead + "d4:info", 400, TestName = "a form that breaks off in the file")]
    [TestCase("multipart/form-data; boundary=b", "--b\r\nContent-Disp", 400, TestName = "a form that breaks off in a header")]
    [TestCase("multipart/form-data; boundary=b", FileHead + "d4:info\r\n--b", 400, TestName = "a form that breaks off in its boundary")]
    [TestCase("multipart/form-data; boundary=b", "", 400, TestName = "an empty form")]
    [TestCase("multipart/form-data; boundary=b", "nothing of a form", 400, TestName = "not a form")]
    [TestCase("multipart/form-data", FileHead, 400, TestName = "a form without a boundary")]
    [TestCase("multipart/form-data; boundary=\"\"", FileHead, 400, TestName = "a form with an empty boundary")]
    [TestCase("multipart/form-data; boundary=b", FileHead + "\r\n--b--\r\n", 400, TestName = "a form with an empty file")]
    [TestCase("multipart/form-data; boundary=b", MagnetHead + "\r\n--b--\r\n", 400, TestName = "a form with an empty magnet")]
    [TestCase("multipart/form-data; boundary=b", "--b--\r\n", 400, TestName = "a form without fields")]
    public async Task A_form_that_is_none_is_refused(string type, string body, int status, CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        var answer = await bed.SendAsync("POST", "/api/routes/films/torrent", cancellationToken, content);

        Assert.That(answer.Status, Is.EqualTo(status), answer.Text);
        Assert.That(answer.Text, Does.Contain("\"error\""));
    }

    [Test]
    public async Task A_form_is_taken_with_other_fields_around_and_a_long_file_in_it(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken, maxUpload: 300_000);
        var plain = Samples.Torrent;
        byte[] Long(int comment) =>
            [.. "d7:comment"u8, .. Encoding.ASCII.GetBytes($"{comment}:{new string('x', comment)}"), .. plain.AsSpan(1)];

        using var form = new MultipartFormDataContent
        {
            { new StringContent("films"), "category" },
            { new ByteArrayContent(Long(200_000)), "torrent", "x.torrent" },
            { new StringContent("more"), "tags" },
        };
        var taken = await bed.SendAsync("POST", "/api/routes/films/torrent", cancellationToken, form);
        using var tooLong = new MultipartFormDataContent { { new ByteArrayContent(Long(300_000)), "torrent", "x.torrent" } };
        var refused = await bed.SendAsync("POST", "/api/routes/films/torrent", cancellationToken, tooLong);

        Assert.That(taken, Is.EqualTo((200, "null")));
        Assert.That(refused.Status, Is.EqualTo(413));
    }
}
