using System.Text.Json;
using Distribyted.Platform;

namespace Distribyted.Web.Stalls;

/// <summary>The file of stalls: one JSON line each, appended and on disk when <see cref="Append"/> returns. A line that a crash cut short is passed over, and so is
/// one of a later version that cannot be read. Not thread-safe.</summary>
internal sealed class StallFile(string path)
{
    private const int MaxLength = 4 << 20; // bytes; no file of ours is as long

    /// <summary>All records that can be read, the newest of each id, in the order in which they were first written.</summary>
    public IReadOnlyList<StallRecord> Read()
    {
        if (!File.Exists(path) || new FileInfo(path).Length > MaxLength)
        {
            return [];
        }

        var records = new Dictionary<string, StallRecord>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(path))
        {
            if (TryParse(line) is { } record)
            {
                records[record.Id] = record;
            }
        }

        return [.. records.Values];
    }

    /// <summary>Adds a record at the end.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public void Append(StallRecord record)
    {
        using var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var isNew = stream.Length == 0;
        if (!isNew)
        {
            stream.Seek(-1, SeekOrigin.End);
            if (stream.ReadByte() != '\n')
            {
                stream.WriteByte((byte)'\n'); // a line that a crash cut short
            }
        }

        Write(stream, record);
        stream.Flush(flushToDisk: true);
        if (isNew)
        {
            DurableFile.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
    }

    /// <summary>Writes the file anew with these records only.</summary>
    /// <exception cref="IOException">The former file is still there.</exception>
    public void Replace(IEnumerable<StallRecord> records)
    {
        DurableFile.Replace(
            path,
            stream =>
            {
                foreach (var record in records)
                {
                    Write(stream, record);
                }
            },
            isPrivate: true
        );
    }

    private static void Write(Stream stream, StallRecord record)
    {
        JsonSerializer.Serialize(stream, record, StallJson.Default.StallRecord);
        stream.WriteByte((byte)'\n');
    }

    private static StallRecord? TryParse(string line)
    {
        try
        {
            return line.Length > 0
                ? JsonSerializer.Deserialize(line, StallJson.Default.StallRecord) is { Id: not null, Text: not null } record
                    ? record
                    : null
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
