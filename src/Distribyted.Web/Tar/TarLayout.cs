using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Distribyted.FileSystem;

namespace Distribyted.Web.Tar;

/// <summary>Where each file of a folder lies in its tar, without any content: files are stored as they are, so lengths are known before. The same folder
/// gives the same bytes. Immutable.</summary>
internal sealed class TarLayout
{
    /// <summary>Most files and folders; more are refused.</summary>
    public const int MaxEntries = 100_000;

    private const int EndLength = 2 * TarHeader.BlockLength;

    private readonly List<TarItem> _items = [];
    private readonly List<long> _starts = [];

    private TarLayout() { }

    /// <summary>Bytes of the whole tar.</summary>
    public long Length { get; private set; }

    /// <summary>Strong: another for other names, lengths, times or content.</summary>
    public string ETag { get; private set; } = "";

    /// <summary>When the newest file was changed.</summary>
    public DateTimeOffset Modified { get; private set; }

    /// <summary>Walks a folder.</summary>
    /// <param name="files">The tree.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="name">What the top folder is called in the tar.</param>
    /// <param name="cancellationToken">Ends the walk.</param>
    /// <returns>Null: it has more than <see cref="MaxEntries"/>.</returns>
    public static async Task<TarLayout?> WalkAsync(IFileSystem files, VirtualPath folder, string name, CancellationToken cancellationToken)
    {
        var layout = new TarLayout();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var open = new Stack<(VirtualPath Path, string Name)>();
        open.Push((folder, name));
        while (open.TryPop(out var next))
        {
            if (await files.ListAsync(next.Path, cancellationToken) is not { } listing)
            {
                continue; // removed meanwhile
            }

            for (var i = 0; i < listing.Count; i++)
            {
                var entry = listing[i];
                var (path, inner) = (next.Path.Append(entry.Name), $"{next.Name}/{entry.Name}");
                layout.Add(new TarItem(path, inner, entry), hash);
                if (layout._items.Count > MaxEntries)
                {
                    return null;
                }

                if (entry.IsDirectory)
                {
                    open.Push((path, inner));
                }
            }
        }

        layout.Length += EndLength;
        layout.ETag = "tar-" + Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
        return layout;
    }

    /// <summary>The item that has this byte, and where its part of the tar begins; null: the end of the tar.</summary>
    public (TarItem Item, long Start)? At(long offset)
    {
        var found = _starts.BinarySearch(offset);
        var index = found >= 0 ? found : ~found - 1;
        return index >= 0 && offset < _starts[index] + _items[index].Length ? (_items[index], _starts[index]) : null;
    }

    private void Add(TarItem item, IncrementalHash hash)
    {
        _items.Add(item);
        _starts.Add(Length);
        Length += item.Length;
        Modified = item.Entry.Modified > Modified ? item.Entry.Modified : Modified;
        Span<byte> numbers = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(numbers, item.Entry.Length);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[8..], item.Entry.Modified.UtcTicks);
        hash.AppendData(numbers);
        hash.AppendData(
            Encoding.UTF8.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"{item.Name}\0{item.Entry.ETag}\0{item.Entry.IsDirectory}\0")
            )
        );
    }
}
