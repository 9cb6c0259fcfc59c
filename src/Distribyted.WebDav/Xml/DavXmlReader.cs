using System.Text;
using System.Xml;
using Distribyted.WebDav.Errors;

namespace Distribyted.WebDav.Xml;

/// <summary>Reads an XML body that is not trusted: forward only, never a tree, nothing fetched, nothing expanded, bounded in depth and size.</summary>
/// <remarks>RFC 4918 sections 8.2, 17, 20.6. Whatever the bytes are, the result is a value or a <see cref="WebDavException"/> with status 400.</remarks>
internal sealed class DavXmlReader
{
    /// <summary>Longest body, bytes. Real ones have less than two thousand.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Deepest nesting of elements.</summary>
    public const int MaxDepth = 64;

    /// <summary>Most properties that one request may name.</summary>
    public const int MaxProperties = 512;

    /// <summary>Most characters that all names of properties of one request may have together, namespaces and all.</summary>
    /// <remarks>An answer says the whole namespace with each name: one that the body says once, in a megabyte, would come back 512 times.</remarks>
    public const int MaxNames = 64 * 1024;

    private static readonly XmlReaderSettings ReaderSettings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = MaxBytes,
        MaxCharactersFromEntities = 1,
        CheckCharacters = true,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        CloseInput = false,
    };

    private static readonly XmlWriterSettings WriterSettings = new()
    {
        OmitXmlDeclaration = true,
        ConformanceLevel = ConformanceLevel.Fragment,
        CheckCharacters = true,
        NewLineHandling = NewLineHandling.Entitize,
    };

    private readonly XmlReader _reader;
    private int _names;

    private DavXmlReader(XmlReader reader)
    {
        _reader = reader;
    }

    /// <summary>The element that the reader stands on.</summary>
    public DavName Name => new(_reader.NamespaceURI, _reader.LocalName);

    /// <summary>Whether a body says nothing: empty, only white space, or only an XML declaration (Kodi's way to ask whether something exists).</summary>
    public static bool IsBlank(ReadOnlySpan<byte> body)
    {
        if (body.StartsWith("\uFEFF"u8))
        {
            body = body[3..];
        }

        body = body.Trim(" \t\r\n"u8);
        if (body.StartsWith("<?xml"u8))
        {
            var end = body.IndexOf("?>"u8);
            body = end < 0 ? body : body[(end + 2)..].Trim(" \t\r\n"u8);
        }

        return body.IsEmpty;
    }

    /// <summary>Reads a whole document with this root element of the namespace <c>DAV:</c>.</summary>
    /// <exception cref="WebDavException">400: not well-formed, another root, too deep, or what <paramref name="read"/> refuses.</exception>
    public static T Read<T>(ArraySegment<byte> body, string root, Func<DavXmlReader, T> read)
    {
        try
        {
            using var stream = new MemoryStream(body.Array ?? [], body.Offset, body.Count, writable: false);
            using var xml = XmlReader.Create(stream, ReaderSettings);
            var reader = new DavXmlReader(xml);
            if (xml.MoveToContent() != XmlNodeType.Element || !reader.Name.IsDav(root))
            {
                throw WebDavException.BadRequest($"The body should be a DAV:{root} element.");
            }

            var value = read(reader);
            while (reader.Next())
            {
                // What follows must be well-formed too: a second root or an open element is a mistake, not an extension.
            }

            return value;
        }
        catch (Exception e) when (e is XmlException or DecoderFallbackException or ArgumentException or InvalidOperationException)
        {
            throw WebDavException.BadRequest("The body is not well-formed XML: " + e.Message);
        }
    }

    /// <summary>Moves to the next element directly inside the one at this depth; false at its end. What is deeper and was not read is skipped.</summary>
    public bool NextChild(int depth)
    {
        if (_reader is { NodeType: XmlNodeType.Element, IsEmptyElement: true } && _reader.Depth == depth)
        {
            return false;
        }

        while (Next())
        {
            if (_reader.NodeType == XmlNodeType.EndElement && _reader.Depth == depth)
            {
                return false;
            }

            if (_reader.NodeType == XmlNodeType.Element && _reader.Depth == depth + 1)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The name of a property, which the reader stands on.</summary>
    /// <exception cref="WebDavException">400: with those before it they are longer than <see cref="MaxNames"/>.</exception>
    public DavName TakeName()
    {
        var name = Name;
        _names += name.Namespace.Length + name.Local.Length;
        return _names <= MaxNames
            ? name
            : throw WebDavException.BadRequest($"The names of all properties, with their namespaces, may have {MaxNames} characters.");
    }

    /// <summary>The element that the reader stands on with all that is in it, as text that needs nothing around it.</summary>
    /// <param name="most">Longest text. What is longer is not read to its end: each element in it may repeat a long namespace.</param>
    /// <exception cref="WebDavException">413: it is longer.</exception>
    public string CopyElement(int most)
    {
        var name = Name.Local;
        var text = new StringBuilder();
        using (var writer = XmlWriter.Create(text, WriterSettings))
        {
            var top = _reader.Depth;
            var language = _reader.XmlLang;
            do
            {
                Copy(writer);
                if (text.Length > most)
                {
                    throw TooLong(name, most);
                }

                if (language.Length > 0)
                {
                    // RFC 4918 section 4.3: the language in scope belongs to the value.
                    if (_reader.GetAttribute("xml:lang") is null)
                    {
                        writer.WriteAttributeString("xml", "lang", null, language);
                    }

                    language = "";
                }

                var closed = _reader.NodeType == XmlNodeType.EndElement;
                if (_reader is { NodeType: XmlNodeType.Element, IsEmptyElement: true })
                {
                    writer.WriteEndElement();
                    closed = true;
                }

                if (closed && _reader.Depth == top)
                {
                    break;
                }
            } while (Next());
        }

        return text.Length <= most ? text.ToString() : throw TooLong(name, most);
    }

    private static WebDavException TooLong(string name, int most)
    {
        return new WebDavException(413, $"{name} may have {most} characters.");
    }

    private void Copy(XmlWriter writer)
    {
        switch (_reader.NodeType)
        {
            case XmlNodeType.Element:
                writer.WriteStartElement(_reader.Prefix, _reader.LocalName, _reader.NamespaceURI);
                writer.WriteAttributes(_reader, defattr: false);
                _reader.MoveToElement();
                break;
            case XmlNodeType.EndElement:
                writer.WriteFullEndElement();
                break;
            case XmlNodeType.Text:
            case XmlNodeType.CDATA:
            case XmlNodeType.Whitespace:
            case XmlNodeType.SignificantWhitespace:
                writer.WriteString(_reader.Value);
                break;
        }
    }

    private bool Next()
    {
        if (!_reader.Read())
        {
            return false;
        }

        return _reader.Depth <= MaxDepth ? true : throw WebDavException.BadRequest($"The body nests deeper than {MaxDepth} elements.");
    }
}
