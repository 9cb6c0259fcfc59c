namespace Distribyted.Archives.Unpacking.Zip;

/// <summary>The content of an entry encrypted by AES: its end is only said when its authentication code is right.</summary>
internal sealed class ZipAesEntry(ZipAesStream aes, Stream content) : ForwardStream
{
    private bool _isFinished;

    protected override int ReadNext(Span<byte> buffer)
    {
        var read = content.Read(buffer);
        if (read == 0 && !buffer.IsEmpty && !_isFinished)
        {
            _isFinished = true;
            aes.Finish();
        }

        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            content.Dispose();
            aes.Dispose();
        }

        base.Dispose(disposing);
    }
}
