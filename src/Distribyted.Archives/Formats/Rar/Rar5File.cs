using System.Text;

namespace Distribyted.Archives.Formats.Rar;

/// <summary>The fields of a file header of RAR 5.</summary>
internal static class Rar5File
{
    private const int EncryptionRecord = 1;
    private const int TimeRecord = 3;
    private const int RedirectionRecord = 5;

    public static RarFile Parse(ref HeaderSpan own, HeaderSpan extra)
    {
        var flags = Vint.Read(ref own);
        var length = Vint.Read(ref own);
        _ = Vint.Read(ref own); // attributes
        DateTimeOffset? modified = (flags & 2) != 0 ? ArchiveTime.FromUnix(own.UInt32()) : null;
        uint? crc = (flags & 4) != 0 ? own.UInt32() : null;
        var compression = Vint.Read(ref own);
        _ = Vint.Read(ref own); // operating system
        var name = Encoding.UTF8.GetString(own.Bytes(Vint.ReadLength(ref own)));
        var isUnknown = (flags & 8) != 0;
        if (!isUnknown && length > long.MaxValue)
        {
            throw new ArchiveException(ArchiveFailure.Damaged, $"'{name}' claims {length} bytes.");
        }

        var file = new RarFile
        {
            Path = name,
            IsFolder = (flags & 1) != 0,
            Length = isUnknown ? null : (long)length,
            Modified = modified,
            Crc32 = crc,
            IsStored = ((compression >> 7) & 7) == 0,
            // RAR 7 has a bit more, and fractions of 1/32 that do not matter here.
            Dictionary = (128L * 1024) << (int)((compression >> 10) & 31),
        };
        return WithRecords(file, extra);
    }

    private static RarFile WithRecords(RarFile file, HeaderSpan extra)
    {
        while (extra.Left > 0)
        {
            var record = new HeaderSpan(extra.Bytes(Vint.ReadLength(ref extra)));
            file = Vint.Read(ref record) switch
            {
                EncryptionRecord => Encrypted(file, ref record),
                TimeRecord => file with { Modified = Modified(ref record) ?? file.Modified },
                RedirectionRecord => file with { IsSpecial = true },
                _ => file,
            };
        }

        return file;
    }

    private static RarFile Encrypted(RarFile file, ref HeaderSpan record)
    {
        _ = Vint.Read(ref record); // version
        // Bit 1: checksums depend on the password, so that they say nothing about the content.
        return file with { IsEncrypted = true, Crc32 = (Vint.Read(ref record) & 2) != 0 ? null : file.Crc32 };
    }

    private static DateTimeOffset? Modified(ref HeaderSpan record)
    {
        var flags = Vint.Read(ref record);
        if ((flags & 2) == 0)
        {
            return null;
        }

        if ((flags & 1) == 0)
        {
            return ArchiveTime.FromNtfs(record.UInt64());
        }

        var seconds = record.UInt32();
        // The times of creation and of the last access stand between the seconds and their fractions.
        _ = record.Bytes((flags & 4) != 0 ? 4 : 0);
        _ = record.Bytes((flags & 8) != 0 ? 4 : 0);
        return ArchiveTime.FromUnix(seconds, (flags & 16) != 0 ? record.UInt32() & 0x3FFF_FFFF : 0);
    }
}
