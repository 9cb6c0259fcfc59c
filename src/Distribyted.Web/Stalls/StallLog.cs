using Distribyted.Web.Telemetry;
using Microsoft.Extensions.Logging;

namespace Distribyted.Web.Stalls;

/// <summary>The stalls of the last 24 hours, kept over restarts. Nothing is read or opened before the first use. Safe for use by many threads.</summary>
/// <param name="path">The file.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told when the file cannot be written; the stalls are then kept in memory only.</param>
internal sealed class StallLog(string path, TimeProvider time, ILogger<StallLog> logger)
{
    /// <summary>Most stalls that are kept.</summary>
    internal const int MaxRecords = 2000;

    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(24);

    private readonly StallFile _file = new(path);
    private readonly Lock _lock = new();

    // _lock guards both. The order is that in which the stalls began.
    private OrderedDictionary<string, StallRecord>? _records;
    private int _lines; // of the file

    /// <summary>The newest first.</summary>
    public IReadOnlyList<StallRecord> Read()
    {
        lock (_lock)
        {
            var since = time.GetUtcNow() - KeptFor;
            return [.. Records().Values.Where(record => record.At >= since).Reverse()];
        }
    }

    /// <summary>Adds a stall, or what is new of one. On disk when this returns, unless the disk does not take it.</summary>
    public void Add(StallRecord record)
    {
        lock (_lock)
        {
            var records = Records();
            records[record.Id] = record;
            try
            {
                if (++_lines > 2 * MaxRecords || records.Count > MaxRecords)
                {
                    Shrink(records);
                }
                else
                {
                    _file.Append(record);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                logger.StallsNotKept(e.Message);
            }
        }
    }

    /// <summary>The last record of a stall; null: it is not known.</summary>
    public StallRecord? Find(string id)
    {
        lock (_lock)
        {
            return Records().TryGetValue(id, out var record) ? record : null;
        }
    }

    private OrderedDictionary<string, StallRecord> Records()
    {
        if (_records is null)
        {
            _records = new OrderedDictionary<string, StallRecord>(StringComparer.Ordinal);
            try
            {
                foreach (var record in _file.Read().TakeLast(MaxRecords))
                {
                    _records[record.Id] = record;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                logger.StallsNotKept(e.Message);
            }

            _lines = _records.Count;
        }

        return _records;
    }

    // Half of them go at once, so that the file is not written anew for each stall.
    private void Shrink(OrderedDictionary<string, StallRecord> records)
    {
        var since = time.GetUtcNow() - KeptFor;
        var surplus = records.Count > MaxRecords ? records.Count - (MaxRecords / 2) : 0;
        while (records.Count > 0 && (surplus-- > 0 || records.GetAt(0).Value.At < since))
        {
            records.RemoveAt(0);
        }

        _file.Replace(records.Values);
        _lines = records.Count;
    }
}
