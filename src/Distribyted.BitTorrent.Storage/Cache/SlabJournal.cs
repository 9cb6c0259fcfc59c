using Distribyted.Platform;
using Microsoft.Win32.SafeHandles;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>The append-only file that says what every slot holds. Used by one thread at a time.</summary>
/// <remarks>
/// No fsync per record: it is a cache, and what a power loss takes is fetched again. A snapshot replaces the file by temporary, fsync and rename,
/// so that at any moment one whole journal is there.
/// </remarks>
internal sealed class SlabJournal : IDisposable
{
    private const string FileName = "journal";
    private const string TemporaryName = "journal.tmp";

    private readonly string _folder;
    private SafeFileHandle _file;
    private long _end;

    private SlabJournal(string folder, SafeFileHandle file, long end)
    {
        _folder = folder;
        _file = file;
        _end = end;
    }

    /// <summary>Records in the file, the header included.</summary>
    public long RecordCount => _end / JournalRecord.Length;

    /// <summary>Reads the journal of a folder up to its first bad record and cuts it there. Null: there is none, or its header is bad.</summary>
    public static SlabJournal? Open(string folder, Action<JournalRecord> replay, out int slotLength)
    {
        slotLength = 0;
        File.Delete(Path.Combine(folder, TemporaryName));
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var end = Replay(file, replay, ref slotLength);
        if (slotLength == 0)
        {
            file.Dispose();
            return null;
        }

        if (RandomAccess.GetLength(file) != end)
        {
            RandomAccess.SetLength(file, end);
        }

        return new SlabJournal(folder, file, end);
    }

    /// <summary>Starts an empty journal; replaces one that is there.</summary>
    public static SlabJournal Create(string folder, int slotLength)
    {
        var file = File.OpenHandle(
            Path.Combine(folder, FileName),
            FileMode.Create,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete
        );
        Span<byte> header = stackalloc byte[JournalRecord.Length];
        JournalRecord.Header(slotLength).Write(header);
        RandomAccess.Write(file, header, 0);
        return new SlabJournal(folder, file, header.Length);
    }

    /// <summary>Appends whole records. On return they survive the end of this process.</summary>
    /// <exception cref="IOException">They are not in the journal; the next append overwrites what is.</exception>
    public void Append(ReadOnlySpan<byte> records)
    {
        RandomAccess.Write(_file, records, _end);
        _end += records.Length;
    }

    /// <summary>Replaces everything by these records (a header first). On an exception the old journal stays.</summary>
    public void Replace(ReadOnlySpan<byte> records)
    {
        var temporary = Path.Combine(_folder, TemporaryName);
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.Write(file, records, 0);
            RandomAccess.FlushToDisk(file);
            DurableFile.Move(temporary, Path.Combine(_folder, FileName));
        }
        catch
        {
            file?.Dispose();
            File.Delete(temporary);
            throw;
        }

        _file.Dispose();
        _file = file;
        _end = records.Length;
    }

    public void Dispose()
    {
        _file.Dispose();
    }

    private static long Replay(SafeFileHandle file, Action<JournalRecord> replay, ref int slotLength)
    {
        var buffer = new byte[JournalRecord.Length * 4096];
        var end = 0L;
        while (true)
        {
            var filled = 0;
            while (filled < buffer.Length)
            {
                var count = RandomAccess.Read(file, buffer.AsSpan(filled), end + filled);
                if (count == 0)
                {
                    break;
                }

                filled += count;
            }

            for (var at = 0; at + JournalRecord.Length <= filled; at += JournalRecord.Length)
            {
                if (
                    !JournalRecord.TryRead(buffer.AsSpan(at), out var record)
                    || (record.Kind == JournalKind.Header) != (end == 0 && at == 0)
                )
                {
                    return end + at;
                }

                if (record.Kind == JournalKind.Header)
                {
                    slotLength = record.SlotLength;
                }
                else
                {
                    replay(record);
                }
            }

            if (filled < buffer.Length)
            {
                return end + (filled / JournalRecord.Length * JournalRecord.Length);
            }

            end += filled;
        }
    }
}
