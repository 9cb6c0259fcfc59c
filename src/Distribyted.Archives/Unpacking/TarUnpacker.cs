using System.IO.Compression;
using Distribyted.Archives.Formats;
using SharpCompress.Compressors.BZip2;
using SharpCompress.Compressors.Xz;
using SharpCompress.Compressors.ZStandard;

namespace Distribyted.Archives.Unpacking;

/// <summary>Decompresses a file that is compressed as a whole. Programs that use several processors write many compressed streams one behind the other.</summary>
internal static class TarUnpacker
{
    /// <param name="start">Its first volume is the file; it stays open.</param>
    /// <param name="compression">As <see cref="Formats.Tar.PackedTarFormat.Compression"/> says.</param>
    public static Stream Open(UnpackingStart start, string compression)
    {
        var file = start.Volumes[0];
        file.Position = 0;
        var packed = new RangeStream(file, file.Length);
        return compression switch
        {
            "gz" => new GZipStream(packed, CompressionMode.Decompress),
            "bz2" => BZip2Stream.Create(
                packed,
                SharpCompress.Compressors.CompressionMode.Decompress,
                decompressConcatenated: true,
                leaveOpen: false,
                tolerateTruncatedStream: false
            ),
            "xz" => new MemberStream(file, stream => new XZStream(XzHead.Check(stream, start))),
            "lz" => new LzipStream(file, start),
            "zst" => new DecompressionStream(ZstdHead.Check(packed, start), 0, checkEndOfStream: true, leaveOpen: false),
            _ => throw new ArchiveException(ArchiveFailure.NotSupported, $"It is compressed with {compression}."),
        };
    }
}
