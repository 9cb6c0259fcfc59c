using System.Text;
using Distribyted.Lab;

namespace Distribyted.Tests.Processes;

/// <summary>Nothing needs the system's temporary folder: containers with a read-only disk have none, and small ones have little memory behind it.</summary>
[Platform("Linux", Reason = "TMPDIR."), CancelAfter(180_000)]
internal sealed class TemporaryFolderTests
{
    private static readonly LabContent Film = LabContent.File("film.mkv", 100_000);

    private string _folder = "";

    [SetUp]
    public void MakeFolder()
    {
        _folder = Directory.CreateTempSubdirectory("distribyted-notmp-").FullName;
    }

    [TearDown]
    public void RemoveFolder()
    {
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task Long_forms_and_long_uploads_are_taken_without_it(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "metadata", "uploads"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "metadata", "uploads", "distribyted-left"), "by a crash", cancellationToken);
        Directory.CreateDirectory(Path.Combine(_folder, "metadata", "spools"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "metadata", "spools", "left"), "by a crash", cancellationToken);
        var file = Path.Combine(_folder, "no-folder");
        await File.WriteAllTextAsync(file, "", cancellationToken);
        // Below a file: what is merely missing root could make.
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["TMPDIR"] = Path.Combine(file, "tmp") };
        await using var daemon = await DaemonProcess.StartAsync(
            _folder,
            "routes: [{name: films}, {name: others}]",
            cancellationToken,
            environment: environment
        );
        using var client = DaemonProcess.Client();
        Assert.That(Directory.Exists(Path.Combine(_folder, "metadata", "uploads")), Is.False, "what a crash left is gone");
        Assert.That(Directory.Exists(Path.Combine(_folder, "metadata", "spools")), Is.False, "decompressed bytes, too");

        using var form = new MultipartFormDataContent { { new ByteArrayContent(Torrent(100_000)), "torrent", "film.torrent" } };
        using var posted = await client.PostAsync(new Uri(daemon.Web, "api/routes/films/torrent"), form, cancellationToken);
        using var known = new ByteArrayContent(Torrent(2_000_000));
        using var put = await client.PutAsync(new Uri(daemon.Dav, "others/film.torrent"), known, cancellationToken);
        using var chunked = new StreamContent(new Unseekable(Torrent(2_000_000)));
        using var again = await client.PutAsync(new Uri(daemon.Dav, "others/film.torrent"), chunked, cancellationToken);

        Assert.That((int)posted.StatusCode, Is.EqualTo(200), await posted.Content.ReadAsStringAsync(cancellationToken));
        Assert.That((int)put.StatusCode, Is.EqualTo(201), await put.Content.ReadAsStringAsync(cancellationToken));
        Assert.That((int)again.StatusCode, Is.AnyOf(201, 204), await again.Content.ReadAsStringAsync(cancellationToken));
        Assert.That(Directory.EnumerateFiles(Path.Combine(_folder, "metadata", "uploads")), Is.Empty, "they waited there, and are gone");
    }

    // With a long comment, so that it is long without much to hash.
    private static byte[] Torrent(int comment)
    {
        var plain = Film.CreateTorrent(64 << 10).Write();
        Assert.That(Encoding.ASCII.GetString(plain, 0, 7), Is.EqualTo("d4:info"));
        return [.. "d7:comment"u8, .. Encoding.ASCII.GetBytes($"{comment}:{new string('x', comment)}"), .. plain.AsSpan(1)];
    }

    // Sent in chunks, without its length.
    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
