using System.Globalization;

namespace Distribyted.Archives.Tests.Workshop;

/// <summary>Writes RAR archives with stored entries, byte by byte: nothing free writes RAR.</summary>
internal sealed class RarWriter
{
    private readonly RarOptions _options;
    private readonly IRarBlocks _blocks;
    private readonly string _stem;
    private readonly List<TestVolume> _volumes = [];
    private TestVolume _volume = null!;
    private int _number = -1;

    private RarWriter(string stem, RarOptions options)
    {
        _stem = stem;
        _options = options;
        _blocks = options.Version == 5 ? new Rar5Blocks(options) : new Rar4Blocks(options);
    }

    public static IReadOnlyList<TestVolume> Write(string stem, RarOptions options, params IReadOnlyList<RarItem> items)
    {
        var writer = new RarWriter(stem, options);
        writer.Begin();
        foreach (var item in items)
        {
            writer.Add(item);
        }

        writer.End(hasMore: false);
        return writer._volumes;
    }

    private void Begin()
    {
        _number++;
        _volume = new TestVolume(Name());
        _volumes.Add(_volume);
        if (_number == 0 && _options.ProgramLength > 0)
        {
            _volume.Add("MZ"u8);
            _volume.Add(new byte[_options.ProgramLength - 2]);
        }

        _volume.Add(_blocks.Start(_number));
        if (_options.Comment is { } comment && _number == 0)
        {
            _volume.Add(_blocks.Service("CMT", System.Text.Encoding.UTF8.GetBytes(comment)));
        }
    }

    private void Add(RarItem item)
    {
        var done = 0L;
        do
        {
            var room = (_options.VolumeLengthOf?.Invoke(_number) ?? _options.VolumeLength) is { } length
                ? Room(item, done, length)
                : long.MaxValue;
            var isLast = item.Length - done <= room;
            if (room <= 0 && !(isLast && item.Length == done))
            {
                End(hasMore: true);
                Begin();
                continue;
            }

            var part = isLast ? item.Length - done : room;
            _volume.Add(_blocks.File(item, done, part, isLast));
            if (item.Content is { } content)
            {
                _volume.Add(content.AsSpan((int)done, (int)part));
            }
            else
            {
                _volume.AddHole(part);
            }

            done += part;
            if (!isLast)
            {
                End(hasMore: true);
                Begin();
            }
            else
            {
                return;
            }
        } while (true);
    }

    // What fits beside the header, which may grow with it.
    private long Room(RarItem item, long done, long length)
    {
        var free = length - _volume.Length - EndLength();
        var room = free - _blocks.File(item, done, 0, isLast: false).Length;
        while (room > 0 && room + _blocks.File(item, done, Math.Min(room, item.Length - done), isLast: false).Length > free)
        {
            room--;
        }

        return room;
    }

    private int RecoveryLength =>
        _options.RecoveryLengthOf?.Invoke(_number) ?? ((_options.RecoveryIn ?? _number) == _number ? _options.RecoveryLength : 0);

    private int EndLength()
    {
        return _blocks.End(_number, hasMore: true).Length
            + (RecoveryLength > 0 ? _blocks.Service("RR", new byte[RecoveryLength]).Length : 0);
    }

    private void End(bool hasMore)
    {
        if (RecoveryLength > 0)
        {
            _volume.Add(_blocks.Service("RR", new byte[RecoveryLength]));
        }

        _volume.Add(_blocks.End(_number, hasMore));
    }

    private string Name()
    {
        return (_options.VolumeLength, _options.IsOldNaming, _number) switch
        {
            (null, _, _) or (_, true, 0) => $"{_stem}.rar",
            (_, true, var n) => string.Create(CultureInfo.InvariantCulture, $"{_stem}.{(char)('r' + (n - 1) / 100)}{(n - 1) % 100:D2}"),
            (_, _, var n) => string.Create(CultureInfo.InvariantCulture, $"{_stem}.part{n + 1:D2}.rar"),
        };
    }
}
