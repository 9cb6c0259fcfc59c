using System.Buffers.Text;
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

    private readonly FileEntry _self;
    private readonly byte[] _selfHref;
    private readonly EntryTemplate _own;
    private readonly EntryTemplate _files;
    private readonly EntryTemplate _folders;
    private readonly Dictionary<string, EntryTemplate>? _special;
    private readonly ActiveLocks _locks;
    private readonly DateTimeOffset _now;
    private readonly TimeText _modified = new("R", DateLength);
    private readonly TimeText _created = new("s", CreatedLength);

    /// <summary>A writer for one answer.</summary>
    /// <param name="requested">The path as it was sent; the answer's own href is this (VLC compares byte for byte).</param>
    /// <param name="self">What is there.</param>
    /// <param name="own">How it is written.</param>
    /// <param name="files">How files in it are written.</param>
    /// <param name="folders">How folders in it are written.</param>
    /// <param name="special">How members are written that are not like the others, by name; null: there are none.</param>
    /// <param name="locks">The locks of this moment.</param>
    /// <param name="now">This moment: no file claims to be from the future (RFC 9110 section 8.8.2.1).</param>
    public MultiStatusWriter(
        string requested,
        FileEntry self,
        EntryTemplate own,
        EntryTemplate files,
        EntryTemplate folders,
        Dictionary<string, EntryTemplate>? special,
        ActiveLocks locks,
        DateTimeOffset now
    )
    {
        var href = requested.TrimEnd('/');
        href = self.IsDirectory ? (requested.EndsWith('/') ? requested : href + "/") : href;
        _self = self;
        _selfHref = XmlText.Bytes(href);
        _own = own;
        _files = files;
        _folders = folders;
        _special = special;
        _locks = locks;
        _now = now;
    }

    private static ReadOnlySpan<byte> Head => "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:multistatus xmlns:D=\"DAV:\">"u8;

    private static ReadOnlySpan<byte> Tail => "</D:multistatus>\n"u8;

    private static ReadOnlySpan<byte> HrefOpen => "<D:response><D:href>"u8;

    private static ReadOnlySpan<byte> HrefClose => "</D:href>"u8;

    /// <summary>Bytes of the whole answer.</summary>
    /// <param name="members">What is in it; empty for Depth 0.</param>
    public long Measure(DirectoryListing members)
    {
        long length = Head.Length + Tail.Length + HrefOpen.Length + _selfHref.Length + HrefClose.Length;
        length += Values(_self, _own, _locks.Own.Length);
        var frame = HrefOpen.Length + _selfHref.Length + HrefClose.Length;
        for (var i = 0; i < members.Count; i++)
        {
            var entry = members[i];
            length += frame + Href.EscapedLength(entry.Name) + (entry.IsDirectory ? 1 : 0);
            length += Values(entry, Template(entry), _locks.Of(entry.Name).Length);
        }

        return length;
    }

    /// <summary>Writes the answer.</summary>
    public async Task WriteAsync(PipeWriter pipe, DirectoryListing members, CancellationToken cancellationToken)
    {
        var buffer = new AnswerBuffer(pipe);
        buffer.Write(Head);
        buffer.Write(HrefOpen);
        buffer.Write(_selfHref);
        buffer.Write(HrefClose);
        WriteValues(buffer, _self, _own, _locks.Own);
        for (var i = 0; i < members.Count; i++)
        {
            if (buffer.Pending >= FlushAt && !await buffer.FlushAsync(cancellationToken))
            {
                return; // nobody reads any more
            }

            WriteMember(buffer, members[i]);
        }

        buffer.Write(Tail);
        await buffer.FlushAsync(cancellationToken);
    }

    private EntryTemplate Template(FileEntry entry)
    {
        return _special is not null && _special.TryGetValue(entry.Name, out var own) ? own
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

    private void WriteMember(AnswerBuffer buffer, FileEntry entry)
    {
        buffer.Write(HrefOpen);
        buffer.Write(_selfHref);
        var span = buffer.Reserve(9 * entry.Name.Length + 1);
        var written = Href.Escape(entry.Name, span);
        if (entry.IsDirectory)
        {
            span[written++] = (byte)'/';
        }

        buffer.Advance(written);
        buffer.Write(HrefClose);
        WriteValues(buffer, entry, Template(entry), _locks.Of(entry.Name));
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
                    buffer.Write(_modified.Of(entry.Modified <= _now ? entry.Modified : _now));
                    break;
                case LiveValue.Created:
                    buffer.Write(_created.Of(entry.Created));
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
