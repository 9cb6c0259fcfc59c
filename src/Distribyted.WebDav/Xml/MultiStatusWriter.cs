using System.Buffers.Text;
using System.Text;
using Distribyted.FileSystem;
using Distribyted.Http.Files;
using Distribyted.Http.Paths;
using Microsoft.AspNetCore.Http;

namespace Distribyted.WebDav.Xml;

/// <summary>Writes a listing as a multistatus. What is longer than the memory it is given is gone through twice from there on, to add lengths and to
/// write: so Content-Length is always there, and a hundred thousand entries cost no more than a thousand (rule 5 of the README).</summary>
/// <remarks>Both passes see the same values: a listing is immutable, and the locks are those of one moment.</remarks>
internal sealed class MultiStatusWriter
{
    private static readonly byte[] Head = Encoding.ASCII.GetBytes(XmlText.MultiStatusStart);

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

    private static ReadOnlySpan<byte> Tail => "</D:multistatus>\n"u8;

    private static ReadOnlySpan<byte> HrefOpen => "<D:response><D:href>"u8;

    private static ReadOnlySpan<byte> HrefClose => "</D:href>"u8;

    /// <summary>Sends the answer; status and type are set. Its Content-Length is set here.</summary>
    /// <param name="response">Nothing of it was sent.</param>
    /// <param name="members">What is in the folder; empty for Depth 0.</param>
    /// <param name="memory">Most bytes that are held: <see cref="AnswerBuffer.Large"/> or <see cref="AnswerBuffer.Small"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task SendAsync(HttpResponse response, DirectoryListing members, int memory, CancellationToken cancellationToken)
    {
        using var buffer = new AnswerBuffer(memory);
        buffer.Write(Head);
        buffer.Write(HrefOpen);
        buffer.Write(_selfHref);
        buffer.Write(HrefClose);
        WriteValues(buffer, _self, _own, _locks.Own, []);
        var next = 0;
        while (next < members.Count && !buffer.IsFull)
        {
            WriteMember(buffer, members[next++]);
        }

        response.ContentLength = buffer.Held + Measure(members, next) + Tail.Length;
        await response.StartAsync(cancellationToken);
        while (next < members.Count)
        {
            if (buffer.IsFull && !await buffer.SendAsync(response, more: true, cancellationToken))
            {
                return; // the client no longer reads
            }

            WriteMember(buffer, members[next++]);
        }

        buffer.Write(Tail);
        await buffer.SendAsync(response, more: false, cancellationToken);
    }

    /// <summary>Bytes of the members from one on.</summary>
    private long Measure(DirectoryListing members, int first)
    {
        var length = 0L;
        var frame = HrefOpen.Length + _selfHref.Length + HrefClose.Length;
        for (var i = first; i < members.Count; i++)
        {
            var entry = members[i];
            length += frame + Href.EscapedLength(entry.Name) + (entry.IsDirectory ? 1 : 0);
            length += Values(entry, Template(entry), _locks.Of(entry.Name).Length + _locks.Inherited.Length);
        }

        return length;
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
        WriteValues(buffer, entry, Template(entry), _locks.Of(entry.Name), _locks.Inherited);
    }

    private void WriteValues(
        AnswerBuffer buffer,
        FileEntry entry,
        EntryTemplate template,
        ReadOnlySpan<byte> locks,
        ReadOnlySpan<byte> inherited
    )
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
                    buffer.Write(inherited);
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
