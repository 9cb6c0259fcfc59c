using Distribyted.Testing;

namespace Distribyted.FileSystem.Tests;

[TestFixture]
public sealed class FileReaderStreamTests
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];

    [Test, CancelAfter(60_000)]
    public async Task It_reads_from_where_it_stands(CancellationToken cancellationToken)
    {
        await using var stream = await OpenAsync(cancellationToken);
        var bytes = new byte[10];

        stream.Seek(-20, SeekOrigin.End);
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        stream.Seek(-10, SeekOrigin.Current);
        stream.ReadExactly(bytes);

        Assert.That(bytes, Is.EqualTo(Content[980..990]));
        Assert.That(stream.Position, Is.EqualTo(990));
    }

    [Test, CancelAfter(60_000)]
    public async Task It_ends_where_the_file_ends(CancellationToken cancellationToken)
    {
        await using var stream = await OpenAsync(cancellationToken);
        using var copy = new MemoryStream();

        await stream.CopyToAsync(copy, cancellationToken);

        Assert.That(copy.ToArray(), Is.EqualTo(Content));
        Assert.That(stream.ReadByte(), Is.EqualTo(-1));
        stream.Position = 5000;
        Assert.That(stream.ReadByte(), Is.EqualTo(-1));
    }

    [Test, CancelAfter(60_000)]
    public async Task It_only_reads(CancellationToken cancellationToken)
    {
        await using var stream = await OpenAsync(cancellationToken);

        Assert.That((stream.CanRead, stream.CanSeek, stream.CanWrite), Is.EqualTo((true, true, false)));
        Assert.That(() => stream.WriteByte(1), Throws.TypeOf<NotSupportedException>());
        Assert.That(() => stream.Seek(-1, SeekOrigin.Begin), Throws.TypeOf<IOException>());
    }

    private static async Task<FileReaderStream> OpenAsync(CancellationToken cancellationToken)
    {
        var files = new MemoryFs();
        var path = files.AddFile("/x", Content);
        return new FileReaderStream((await files.OpenAsync(path, default, cancellationToken))!);
    }
}
