using System.Buffers.Text;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Distribyted.FileSystem;
using Distribyted.Http.Files;
using Distribyted.Http.Paths;

namespace Distribyted.WebDav.Xml;

/// <summary>Writes a listing as a multistatus, in two passes: one that adds lengths, one that writes. So Content-Length is always there,
/// and ten thousand entries cost no more memory than ten (rule 5 of the README).</summary>
/// <remarks>Both passes see the same values: a listing is immutable, and the locks are those of one moment.</remarks>
internal sealed class MultiStatusWriter
{
    private const int FlushAt = 64 * 1024;
    private const int DateLength = 29; // "Sun, 06 Nov 1994 08:49:37 GMT"
    private const int CreatedLength = 20; // "1994-11-06T08:49:37Z"

    private readonly byte[] _selfHref;
    private readonly byte[] _childPrefix;
    private readonly EntryTemplate _files;
    private readonly EntryTemplate _folders;
    private readonly ActiveLocks _locks;
    private readonly DateTimeOffset _now;

    /// <summary>A writer for one answer.</summary>
    /// <param name="requested">The path as it was sent; the answer's own href is this (VLC compares byte for byte).</param>
    /// <param name="self">What is there.</param>
    /// <param name="files">How files are written.</param>
    /// <param name="folders">How folders are written.</param>
    /// <param name="locks">The locks of this moment.</param>
    /// <param name="now">This moment: no file claims to be from the future (RFC 9110 section 8.8.2.1).</param>
    public MultiStatusWriter(
        string requested,
        FileEntry self,
        EntryTemplate files,
        EntryTemplate folders,
        ActiveLocks locks,
        DateTimeOffset now
    )
    {
        var href = requested.TrimEnd('/');
        href = self.IsDirectory ? (requested.EndsWith('/') ? requested : href + "/") : href;
        _selfHref = XmlText.Bytes(href);
        _childPrefix = _selfHref;
        _files = files;
        _folders = folders;
        _locks = locks;
        _now = now;
    }

    private static ReadOnlySpan<byte> Head => "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:multistatus xmlns:D=\"DAV:\">"u8;

    private static ReadOnlySpan<byte> Tail => "</D:multistatus>\n"u8;

    private static ReadOnlySpan<byte> HrefOpen => "<D:response><D:href>"u8;

    private static ReadOnlySpan<byte> HrefClose => "</D:href>"u8;

    /// <summary>Bytes of the whole answer.</summary>
    /// <param name="self">What is at the path.</param>
    /// <param name="members">What is in it; empty for Depth 0.</param>
    /// <param name="special">Templates of entries that are not like the others, by index; -1 is the path itself.</param>
    public long Measure(FileEntry self, DirectoryListing members, IReadOnlyDictionary<int, EntryTemplate>? special)
    {
        long length = Head.Length + Tail.Length + HrefOpen.Length + _selfHref.Length + HrefClose.Length;
        length += Values(self, Template(self, -1, special), _locks.Own.Length);
        for (var i = 0; i < members.Count; i++)
        {
            var entry = members[i];
            length +=
                HrefOpen.Length + _childPrefix.Length + Href.EscapedLength(entry.Name) + (entry.IsDirectory ? 1 : 0) + HrefClose.Length;
            length += Values(entry, Template(entry, i, special), _locks.Of(entry.Name).Length);
        }

        return length;
    }

    /// <summary>Writes the answer.</summary>
    public async Task WriteAsync(
        PipeWriter pipe,
        FileEntry self,
        DirectoryListing members,
        IReadOnlyDictionary<int, EntryTemplate>? special,
        CancellationToken cancellationToken
    )
    {
        var buffer = new AnswerBuffer(pipe);
        buffer.Write(Head);
        buffer.Write(HrefOpen);
        buffer.Write(_selfHref);
        buffer.Write(HrefClose);
        WriteValues(buffer, self, Template(self, -1, special), _locks.Own);
        for (var i = 0; i < members.Count; i++)
        {
            if (buffer.Pending >= FlushAt && !await buffer.FlushAsync(cancellationToken))
            {
                return; // nobody reads any more
            }

            WriteMember(buffer, members[i], Template(members[i], i, special));
        }

        buffer.Write(Tail);
        await buffer.FlushAsync(cancellationToken);
    }

    private EntryTemplate Template(FileEntry entry, int index, IReadOnlyDictionary<int, EntryTemplate>? special)
    {
        return special is not null && special.TryGetValue(index, out var own) ? own
            : entry.IsDirectory ? _folders
            : _files;
    }

    private static int Values(FileEntry entry, EntryTemplate template, int locks)
    {
        var length = template.FixedLength;
        foreach (var (_, value) in template.Parts)
        {
            length += value switch
            {
                LiveValue.DisplayName => XmlText.Length(Label(entry)),
                LiveValue.ContentLength => Digits(entry.Length),
                LiveValue.ContentType => ContentTypes.Of(entry.Name).Length,
                LiveValue.ETag => XmlText.Length(entry.ETag) + 2,
                LiveValue.LastModified => DateLength,
                LiveValue.Created => CreatedLength,
                LiveValue.ActiveLocks => locks,
                _ => 0,
            };
        }

        return length;
    }

    private void WriteMember(AnswerBuffer buffer, FileEntry entry, EntryTemplate template)
    {
        buffer.Write(HrefOpen);
        buffer.Write(_childPrefix);
        var span = buffer.Reserve(9 * entry.Name.Length + 1);
        var written = Href.Escape(entry.Name, span);
        if (entry.IsDirectory)
        {
            span[written++] = (byte)'/';
        }

        buffer.Advance(written);
        buffer.Write(HrefClose);
        WriteValues(buffer, entry, template, _locks.Of(entry.Name));
    }

    private void WriteValues(AnswerBuffer buffer, FileEntry entry, EntryTemplate template, ReadOnlySpan<byte> locks)
    {
        foreach (var (before, value) in template.Parts)
        {
            buffer.Write(before);
            switch (value)
            {
                case LiveValue.DisplayName:
                    WriteText(buffer, Label(entry));
                    break;
                case LiveValue.ContentLength:
                    Utf8Formatter.TryFormat(entry.Length, buffer.Reserve(20), out var digits);
                    buffer.Advance(digits);
                    break;
                case LiveValue.ContentType:
                    buffer.Advance(
                        Encoding.ASCII.GetBytes(ContentTypes.Of(entry.Name), buffer.Reserve(ContentTypes.Of(entry.Name).Length))
                    );
                    break;
                case LiveValue.ETag:
                    buffer.Write("\""u8);
                    WriteText(buffer, entry.ETag);
                    buffer.Write("\""u8);
                    break;
                case LiveValue.LastModified:
                    var modified = entry.Modified <= _now ? entry.Modified : _now;
                    Utf8Formatter.TryFormat(modified, buffer.Reserve(DateLength), out _, 'R');
                    buffer.Advance(DateLength);
                    break;
                case LiveValue.Created:
                    var created = buffer.Reserve(CreatedLength);
                    entry.Created.UtcDateTime.TryFormat(created, out _, "s", CultureInfo.InvariantCulture);
                    created[CreatedLength - 1] = (byte)'Z';
                    buffer.Advance(CreatedLength);
                    break;
                case LiveValue.ActiveLocks:
                    buffer.Write(locks);
                    break;
            }
        }
    }

    private static void WriteText(AnswerBuffer buffer, string text)
    {
        buffer.Advance(XmlText.Write(text, buffer.Reserve(6 * text.Length))); // the longest entity has six bytes
    }

    // The root has no name, and programs show this one.
    private static string Label(FileEntry entry)
    {
        return entry.Name.Length > 0 ? entry.Name : "distribyted";
    }

    private static int Digits(long value)
    {
        var digits = 1;
        for (; value >= 10; value /= 10)
        {
            digits++;
        }

        return digits;
    }
}
