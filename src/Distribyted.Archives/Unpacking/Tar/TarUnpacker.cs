using Distribyted.Archives.Formats;
using Distribyted.Archives.Unpacking.Deflate;
using SharpCompress.Compressors;
using SharpCompress.Compressors.BZip2;
using SharpCompress.Compressors.Xz;
using SharpCompress.Compressors.ZStandard;

namespace Distribyted.Archives.Unpacking.Tar;

/// <summary>Decompresses a file that is compressed as a whole. Programs that use several processors write many compressed streams one behind the other.</summary>
internal static class TarUnpacker
{
    /// <param name="start">Its first volume is the file; it stays open.</param>
    /// <param name="compression">As <see cref="Formats.Tar.PackedTarFormat.Compression"/> says.</param>
    public static Stream Open(UnpackingStart start, string compression)
    {
        var file = start.Volumes[0];
        var state = start.From as GzipState;
        file.Position = state?.Content.Packed ?? 0;
        var packed = new RangeStream(file, file.Length - file.Position);
        return compression switch
        {
            "gz" => new GzipStream(packed, state),
            "bz2" => BZip2Stream.Create(
                packed,
                CompressionMode.Decompress,
                decompressConcatenated: true,
                leaveOpen: false,
                tolerateTruncatedStream: false
            ),
            "xz" => Xz(file, start),
            "lz" => new LzipStream(file, start),
            "zst" => new DecompressionStream(ZstdHead.Check(packed, start), 0, checkEndOfStream: true, leaveOpen: false),
            _ => throw new ArchiveException(ArchiveFailure.NotSupported, $"It is compressed with {compression}."),
        };
    }

    /// <summary>Places where a file can be entered, as the format names them; null: it names none.</summary>
    public static Func<IReadOnlyList<Stream>, IEnumerable<(long Position, ISavedState State)>>? PlacesOf(string compression)
    {
        return compression switch
        {
            "xz" => static volumes => XzPlaces.Read(volumes[0]),
            "lz" => static volumes => LzipStream.Places(volumes[0]),
            _ => null,
        };
    }

    private static MemberStream Xz(Stream file, UnpackingStart start)
    {
        var head = Array.Empty<byte>();
        if (start.From is XzPlace place)
        {
            head = new byte[XzPlaces.HeaderLength];
            file.Position = place.Stream;
            file.ReadExactly(head);
            file.Position = place.Block;
        }

        return new MemberStream(
            file,
            stream =>
            {
                var (before, rest) = (head, stream);
                head = [];
                return new XZStream(XzHead.Check(before.Length > 0 ? new HeadStream(before, rest) : rest, start));
            }
        );
    }
}
