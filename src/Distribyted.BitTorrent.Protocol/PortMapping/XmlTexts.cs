using System.Text;
using System.Xml;

namespace Distribyted.BitTorrent.Protocol.PortMapping;

/// <summary>Reads small XML documents of devices as a list of elements and their texts. No entities, nothing is fetched.</summary>
internal static class XmlTexts
{
    private const int MaxDepth = 32;
    private const int MaxElements = 4096;
    private const int MaxText = 2048;

    /// <summary>Local names of elements and the texts in them, in the order of their ends; of elements with others inside the text is empty.</summary>
    /// <param name="body">The document. Its bytes count as UTF-8 whatever it declares; the names that matter are ASCII.</param>
    /// <param name="maxLength">Most bytes.</param>
    /// <exception cref="ProtocolException">No XML, or more than a device has to say.</exception>
    public static IReadOnlyList<(string Name, string Text)> Read(ReadOnlySpan<byte> body, int maxLength)
    {
        if (body.Length > maxLength)
        {
            throw new ProtocolException(ProtocolError.TooLarge, $"An XML document of more than {maxLength} bytes.");
        }

        var text = Encoding.UTF8.GetString(body).Trim('\0', '\uFEFF', ' ', '\t', '\r', '\n'); // some devices send a NUL at the end
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = maxLength,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
        };
        try
        {
            using var reader = XmlReader.Create(new StringReader(text), settings);
            return Read(reader);
        }
        catch (XmlException e)
        {
            throw new ProtocolException(ProtocolError.Malformed, $"Not XML as devices may send it: {e.Message}");
        }
    }

    private static List<(string Name, string Text)> Read(XmlReader reader)
    {
        List<(string Name, string Text)> elements = [];
        var value = "";
        while (reader.Read())
        {
            if (reader.Depth > MaxDepth || elements.Count >= MaxElements)
            {
                throw new ProtocolException(ProtocolError.TooLarge, "An XML document that is too deep or has too many elements.");
            }

            switch (reader.NodeType)
            {
                case XmlNodeType.Element when reader.IsEmptyElement:
                    elements.Add((reader.LocalName, ""));
                    value = "";
                    break;
                case XmlNodeType.Element:
                    value = "";
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA when value.Length < MaxText:
                    value = (value + reader.Value)[..Math.Min(value.Length + reader.Value.Length, MaxText)];
                    break;
                case XmlNodeType.EndElement:
                    elements.Add((reader.LocalName, value.Trim()));
                    value = "";
                    break;
                default:
                    break;
            }
        }

        return elements;
    }
}
