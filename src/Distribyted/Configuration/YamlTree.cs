using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlScalar = YamlDotNet.Core.Events.Scalar; // a package that we use has a namespace of that name

namespace Distribyted.Configuration;

/// <summary>Reads one YAML document into <see cref="ConfigNode"/>s with the line and column of everything. Broken YAML is one mistake with
/// its usual cause, since nothing after it can be trusted.</summary>
internal sealed class YamlTree
{
    private const int MaxBytes = 1 << 20; // a configuration of 10,000 magnets; more is a wrong file
    private const int MaxDepth = 32;
    private const string NoTags = "a value that begins with \"!\" is a tag in YAML and would be lost. Put it in quotes.";

    private readonly string _file;
    private readonly ConfigurationReport _report;
    private readonly Parser _parser;

    private YamlTree(string file, string text, ConfigurationReport report)
    {
        _file = file;
        _report = report;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>Reads a document; null when it is empty or broken (then the report says so).</summary>
    /// <param name="file">Name for messages.</param>
    /// <param name="bytes">The file.</param>
    /// <param name="report">Takes the mistake.</param>
    public static ConfigNode? Read(string file, byte[] bytes, ConfigurationReport report)
    {
        var whole = new Origin(SourceKind.File, file, 1, 1);
        if (bytes.Length > MaxBytes)
        {
            report.Wrong(whole, "", $"the file has {bytes.Length} bytes; at most {MaxBytes} are read. Is it the right file?");
            return null;
        }

        string text;
        try
        {
            text = YamlTabs.Readable(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes).TrimStart('\uFEFF'));
        }
        catch (DecoderFallbackException)
        {
            report.Wrong(whole, "", "the file is not UTF-8. Save it as UTF-8.");
            return null;
        }

        try
        {
            return new YamlTree(file, text, report).Document();
        }
        catch (YamlException exception)
        {
            Broken(file, text, exception.Message, exception.Start, report);
            return null;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The scanner of the library throws other kinds, too, on texts that a fuzz test found.
            Broken(file, text, exception.Message, new Mark(0, 1, 1), report);
            return null;
        }
    }

    private static void Broken(string file, string text, string message, Mark mark, ConfigurationReport report)
    {
        var tab = Array.FindIndex(text.Split('\n'), line => line.TrimStart(' ').StartsWith('\t'));
        if (tab >= 0)
        {
            report.Wrong(
                new Origin(SourceKind.File, file, tab + 1, 1),
                "",
                "this is not YAML: the line is indented with a tab. Use spaces."
            );
            return;
        }

        var reason = message is [.., '.'] ? message : message + ".";
        var usual = "Usual causes: a missing space after \":\", or \": \" or \" #\" in a value without quotes.";
        report.Wrong(new Origin(SourceKind.File, file, (int)mark.Line, (int)mark.Column), "", $"this is not YAML: {reason} {usual}");
    }

    private ConfigNode? Document()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _))
        {
            return null;
        }

        var root = Node(0);
        _parser.Consume<DocumentEnd>();
        if (_parser.TryConsume<DocumentStart>(out var second))
        {
            throw new YamlException(second.Start, second.End, "the file holds a second document");
        }

        return root;
    }

    private ConfigNode Node(int depth)
    {
        if (depth > MaxDepth)
        {
            throw new YamlException(_parser.Current!.Start, _parser.Current.End, $"more than {MaxDepth} levels");
        }

        switch (_parser.Current)
        {
            case AnchorAlias alias:
                _parser.MoveNext();
                return Refused(alias, "aliases (*name) are not read here, because their place could not be reported. Write the value out.");
            case NodeEvent { Tag.IsEmpty: false } tagged:
                _parser.SkipThisAndNestedEvents();
                return Refused(tagged, NoTags); // not with its name: it may have been meant as a password
            case NodeEvent { Anchor.IsEmpty: false } anchored:
                _report.Wrong(
                    At(anchored.Start),
                    "",
                    "anchors (&name) are not read here, because places could not be reported. Remove it."
                );
                break;
        }

        if (_parser.TryConsume<YamlScalar>(out var scalar))
        {
            return ConfigNode.Scalar(scalar.Value, scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any), At(scalar.Start));
        }

        if (_parser.TryConsume<SequenceStart>(out var sequence))
        {
            var items = new List<ConfigNode>();
            while (!_parser.TryConsume<SequenceEnd>(out _))
            {
                items.Add(Node(depth + 1));
            }

            return ConfigNode.List(items, At(sequence.Start));
        }

        var mapping = _parser.Consume<MappingStart>();
        return ConfigNode.Map(Members(depth), At(mapping.Start));
    }

    private List<ConfigMember> Members(int depth)
    {
        var members = new List<ConfigMember>();
        var seen = new Dictionary<string, Origin>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var start = _parser.Current!;
            if (!_parser.TryConsume<YamlScalar>(out var key))
            {
                throw new YamlException(start.Start, start.End, "a key must be a plain word");
            }

            var origin = At(key.Start);
            var value = Node(depth + 1);
            if (key.Value == "<<")
            {
                _report.Wrong(origin, "", "merging (<<) is not read here, because places could not be reported. Write the keys out.");
            }
            else if (seen.TryGetValue(key.Value, out var first))
            {
                _report.Wrong(origin, key.Value, $"the key is here twice; the first is in line {first.Line}. Remove one.");
            }
            else
            {
                seen.Add(key.Value, origin);
                members.Add(new ConfigMember(key.Value, origin, value));
            }
        }

        return members;
    }

    private ConfigNode Refused(ParsingEvent at, string text)
    {
        _report.Wrong(At(at.Start), "", text);
        return ConfigNode.Scalar("", isQuoted: false, At(at.Start));
    }

    private Origin At(Mark mark)
    {
        return new Origin(SourceKind.File, _file, (int)mark.Line, (int)mark.Column);
    }
}
