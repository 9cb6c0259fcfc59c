using System.IO.Compression;
using System.Text;
using Distribyted.Archives.Tests.Workshop;

namespace Distribyted.Archives.Tests.Spools;

/// <summary>Archives whose entries are compressed, of several programs and methods.</summary>
internal static class PackedArchives
{
    public const string Password = "geheim";

    /// <summary>The methods of zip.</summary>
    public static readonly string[] Zips =
    [
        "zip deflate",
        "zip .NET",
        "zip Deflate64",
        "zip BZip2",
        "zip LZMA",
        "zip PPMd",
        "zip AES",
        "zip AES deflated",
        "zip ZipCrypto",
        "zip zstd",
        "zip xz",
    ];

    /// <summary>The methods of 7z.</summary>
    public static readonly string[] SevenZips =
    [
        "7z LZMA2",
        "7z LZMA",
        "7z PPMd",
        "7z BZip2",
        "7z Deflate",
        "7z BCJ",
        "7z BCJ2",
        "7z Delta",
        "7z not solid",
        "7z AES",
        "7z AES stored",
        "7z AES names",
    ];

    /// <summary>Tar files that are compressed as a whole.</summary>
    public static readonly string[] Tars =
    [
        "tar.gz",
        "tgz members",
        "tar.bz2",
        "tbz2 members",
        "tar.xz",
        "txz blocks",
        "txz members",
        "tar.zst",
        "tzst members",
        "tar.lz",
    ];

    public static string NameOf(string kind)
    {
        return "set." + kind.Split(' ')[0];
    }

    public static string FolderOf(string kind)
    {
        return "/" + NameOf(kind) + "!";
    }

    public static byte[] Make(string kind, IReadOnlyDictionary<string, byte[]> files)
    {
        return kind switch
        {
            "zip .NET" => Tests.Zip.Zips.Make(files, CompressionLevel.Optimal),
            "zip deflate" => Zip(files),
            "zip AES" => Zip(files, "-mx=0", "-mem=AES256", "-p" + Password),
            "zip AES deflated" => Zip(files, "-mem=AES128", "-p" + Password),
            "zip ZipCrypto" => Zip(files, "-mx=1", "-mem=ZipCrypto", "-p" + Password),
            "zip zstd" => ZipOf(93, files, static content => Filter("zstd", ["-c"], content)),
            "zip xz" => ZipOf(95, files, static content => Filter("xz", ["-c"], content)),
            "tar.gz" => Filter("gzip", ["-c"], Tar(files)),
            "tar.bz2" => Filter("bzip2", ["-c"], Tar(files)),
            "tar.xz" => Filter("xz", ["-c"], Tar(files)),
            "txz blocks" => Filter("xz", ["-c", "-1", "--block-size=300000"], Tar(files)),
            "tar.zst" => Filter("zstd", ["-c"], Tar(files)),
            "tar.lz" => Lzip(Tar(files)),
            "tgz members" => InPieces(files, static piece => Filter("gzip", ["-c"], piece)),
            "tbz2 members" => InPieces(files, static piece => Filter("bzip2", ["-c"], piece)),
            "txz members" => InPieces(files, static piece => Filter("xz", ["-c"], piece)),
            "tzst members" => InPieces(files, static piece => Filter("zstd", ["-c"], piece)),
            "7z BCJ" => SevenZip(files, "-m0=BCJ", "-m1=LZMA"),
            "7z BCJ2" => SevenZip(files, "-m0=BCJ2", "-m1=LZMA", "-m2=LZMA", "-m3=LZMA", "-mb0:1", "-mb0s1:2", "-mb0s2:3"),
            "7z Delta" => SevenZip(files, "-m0=Delta:4", "-m1=LZMA2"),
            "7z not solid" => SevenZip(files, "-ms=off"),
            "7z AES" => SevenZip(files, "-p" + Password),
            "7z AES stored" => SevenZip(files, "-mx=0", "-p" + Password),
            "7z AES names" => SevenZip(files, "-mhe=on", "-p" + Password),
            _ when kind.StartsWith("7z ", StringComparison.Ordinal) => SevenZip(files, "-m0=" + kind[3..]),
            _ when kind.StartsWith("zip ", StringComparison.Ordinal) => Zip(files, "-mm=" + kind[4..]),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };
    }

    private static byte[] Zip(IReadOnlyDictionary<string, byte[]> files, params string[] options)
    {
        return With("7zz", [".zip", "a", "-tzip", "-mcu=on", .. options, "OUT", "."], files);
    }

    /// <summary>A zip of a method that no program here writes.</summary>
    public static byte[] ZipOf(ushort method, IReadOnlyDictionary<string, byte[]> files, Func<byte[], byte[]> compress)
    {
        using var zip = new MemoryStream();
        using var writer = new BinaryWriter(zip);
        using var central = new MemoryStream();
        using var list = new BinaryWriter(central);
        foreach (var (name, content) in files)
        {
            var packed = compress(content);
            var at = (uint)zip.Position;
            var path = Encoding.UTF8.GetBytes(name);
            var common = Header(method, content, packed, path);
            writer.Write("PK\x03\x04"u8);
            writer.Write(common);
            writer.Write(path);
            writer.Write(packed);
            list.Write("PK\x01\x02"u8);
            list.Write((ushort)63);
            list.Write(common);
            list.Write(new byte[10]);
            list.Write(at);
            list.Write(path);
        }

        var start = (uint)zip.Position;
        writer.Write(central.ToArray());
        writer.Write("PK\x05\x06"u8);
        writer.Write(0);
        writer.Write((ushort)files.Count);
        writer.Write((ushort)files.Count);
        writer.Write((uint)central.Length);
        writer.Write(start);
        writer.Write((ushort)0);
        return zip.ToArray();
    }

    private static byte[] Header(ushort method, byte[] content, byte[] packed, byte[] path)
    {
        using var header = new MemoryStream();
        using var writer = new BinaryWriter(header);
        writer.Write((ushort)63);
        writer.Write((ushort)(1 << 11)); // UTF-8
        writer.Write(method);
        writer.Write(0x58210000); // 2024-01-01
        writer.Write(TestCrc.Of(content));
        writer.Write(packed.Length);
        writer.Write(content.Length);
        writer.Write((ushort)path.Length);
        writer.Write((ushort)0);
        return header.ToArray();
    }

    /// <summary>What a program makes of bytes.</summary>
    public static byte[] Filter(string program, string[] arguments, byte[] content)
    {
        var script = $"{program} {string.Join(' ', arguments)} < content > \"$0\"";
        return With("sh", [".bin", "-c", script, "OUT"], new Dictionary<string, byte[]> { ["content"] = content });
    }

    public static byte[] Tar(IReadOnlyDictionary<string, byte[]> files)
    {
        return With("tar", [".tar", "-cf", "OUT", "."], files);
    }

    private static byte[] InPieces(IReadOnlyDictionary<string, byte[]> files, Func<byte[], byte[]> compress)
    {
        return [.. Tar(files).Chunk(200_000).SelectMany(compress)];
    }

    // Two members. The LZMA stream is that of a .lzma file with an end mark; lzip has settings of its own around it.
    private static byte[] Lzip(byte[] content)
    {
        return [.. content.Chunk((content.Length / 2) + 1).SelectMany(LzipMember)];
    }

    private static byte[] LzipMember(byte[] content)
    {
        var lzma = Filter("xz", ["-c", "--format=lzma", "--lzma1=preset=1,lc=3,lp=0,pb=2,dict=1MiB"], content);
        byte[] member =
        [
            .. "LZIP\u0001"u8,
            20, // a dictionary of 2^20 bytes
            .. lzma.AsSpan(13),
            .. BitConverter.GetBytes(TestCrc.Of(content)),
            .. BitConverter.GetBytes((long)content.Length),
        ];
        return [.. member, .. BitConverter.GetBytes((long)member.Length + 8)];
    }

    public static byte[] SevenZip(IReadOnlyDictionary<string, byte[]> files, params string[] options)
    {
        return With("7zz", [".7z", "a", .. options, "OUT", "."], files);
    }

    // The first argument is the ending of the archive's name.
    private static byte[] With(string program, string[] arguments, IReadOnlyDictionary<string, byte[]> files)
    {
        return Tests.Zip.Zips.MakeWith(program, arguments[1..], files, arguments[0]);
    }
}
