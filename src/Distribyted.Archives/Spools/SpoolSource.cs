using Distribyted.Archives.Formats;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Spools;

/// <summary>The unpacked bytes of a block whose length is only known at its end, for a header reader.</summary>
internal sealed class SpoolSource : IArchiveSource, IAsyncDisposable
{
    private const long Unknown = long.MaxValue / 4;

    private readonly SpoolReader _reader;
    private readonly string _name;
    private long _length = Unknown;

    /// <param name="spools">Where the block is decompressed.</param>
    /// <param name="block">The block.</param>
    /// <param name="archive">The archive as listings show it.</param>
    /// <param name="client">Who reads.</param>
    public SpoolSource(SpoolStore spools, PackedBlock block, FileEntry archive, string client)
    {
        _name = archive.Name;
        _reader = spools.Open(block, archive with { Length = Unknown }, 0, new ReadIntent(0, null, client));
    }

    public int Volumes => 1;

    public string NameOf(int volume)
    {
        return _name;
    }

    /// <summary>What is more than any file has until the end was read.</summary>
    public long LengthOf(int volume)
    {
        return _length;
    }

    public async ValueTask<int> ReadAsync(int volume, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var filled = 0;
        while (filled < destination.Length)
        {
            var read = await _reader.ReadToEndAsync(destination[filled..], offset + filled, cancellationToken);
            if (read == 0)
            {
                _length = _reader.BlockLength ?? _length;
                break;
            }

            filled += read;
        }

        return filled;
    }

    public ValueTask DisposeAsync()
    {
        return _reader.DisposeAsync();
    }
}
