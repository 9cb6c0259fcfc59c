using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Distribyted.FileSystem;

/// <summary>A path inside the served tree: absolute, normalised, free of "." and "..". A parsed path needs no second check.</summary>
/// <remarks>Segments are compared byte for byte (ordinal). The root has no segments. The default value is the root.</remarks>
public readonly struct VirtualPath : IEquatable<VirtualPath>
{
    /// <summary>Longest segment, bytes of UTF-8.</summary>
    public const int MaxSegmentBytes = 255;

    /// <summary>Most segments of one path.</summary>
    public const int MaxDepth = 256;

    private readonly string? _value;

    private VirtualPath(string value)
    {
        _value = value;
    }

    /// <summary>The root, <c>/</c>.</summary>
    public static VirtualPath Root => default;

    /// <summary><c>/a/b</c>: always a leading slash, never a trailing one but for the root.</summary>
    public string Value => string.IsNullOrEmpty(_value) ? "/" : _value;

    /// <summary>Whether it is the root.</summary>
    public bool IsRoot => string.IsNullOrEmpty(_value);

    /// <summary>The last segment; empty for the root.</summary>
    public string Name => IsRoot ? "" : _value![(_value!.LastIndexOf('/') + 1)..];

    /// <summary>The folder that holds it; the root's parent is the root.</summary>
    public VirtualPath Parent
    {
        get
        {
            if (IsRoot)
            {
                return default;
            }

            var slash = _value!.LastIndexOf('/');
            return slash <= 0 ? default : new VirtualPath(_value[..slash]);
        }
    }

    /// <summary>Segments from the root down.</summary>
    public string[] Segments => IsRoot ? [] : _value![1..].Split('/');

    /// <summary>Reads <c>/a/b</c>, <c>a/b</c> or <c>/a/b/</c>. Refuses empty, "." and ".." segments, NUL, and segments over 255 bytes.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out VirtualPath path)
    {
        path = default;
        if (text is null)
        {
            return false;
        }

        var trimmed = text.AsSpan();
        if (trimmed is ['/', ..])
        {
            trimmed = trimmed[1..];
        }

        if (trimmed is [.., '/'])
        {
            trimmed = trimmed[..^1];
        }

        if (trimmed.IsEmpty)
        {
            return text is "" or "/";
        }

        var depth = 0;
        foreach (var range in trimmed.Split('/'))
        {
            if (++depth > MaxDepth || !IsSegment(trimmed[range]))
            {
                return false;
            }
        }

        path = new VirtualPath("/" + trimmed.ToString());
        return true;
    }

    /// <summary>Reads a path that the program itself wrote.</summary>
    /// <exception cref="FormatException">It is not a path.</exception>
    public static VirtualPath Parse(string text)
    {
        return TryParse(text, out var path) ? path : throw new FormatException($"\"{text}\" is not a path of the tree.");
    }

    /// <summary>Whether a name may stand between two slashes.</summary>
    public static bool IsSegment(ReadOnlySpan<char> name)
    {
        return !name.IsEmpty
            && !name.SequenceEqual(".")
            && !name.SequenceEqual("..")
            && name.IndexOfAny('/', '\0') < 0
            && (name.Length * 3 <= MaxSegmentBytes || Encoding.UTF8.GetByteCount(name) <= MaxSegmentBytes);
    }

    /// <summary>The child of this name.</summary>
    /// <exception cref="FormatException">The name is not a segment.</exception>
    public VirtualPath Append(string name)
    {
        return IsSegment(name) ? new VirtualPath(_value + "/" + name) : throw new FormatException($"\"{name}\" is not a name.");
    }

    /// <summary>Whether this is <paramref name="ancestor"/> or lies below it, by whole segments: <c>/a</c> does not contain <c>/ab</c>.</summary>
    public bool StartsWith(VirtualPath ancestor)
    {
        if (ancestor.IsRoot)
        {
            return true;
        }

        return !IsRoot
            && _value!.StartsWith(ancestor._value!, StringComparison.Ordinal)
            && (_value.Length == ancestor._value!.Length || _value[ancestor._value.Length] == '/');
    }

    /// <summary>The one spelling (NFC) that stands for all spellings of the path, as lookups take them (<see cref="NameIndex"/>).</summary>
    /// <remarks>Composition may lengthen a segment beyond 255 bytes only in theory; then the path stays as it is.</remarks>
    public VirtualPath Normalized()
    {
        var normal = NameIndex.Normalized(Value);
        return ReferenceEquals(Value, normal) || !TryParse(normal, out var parsed) ? this : parsed;
    }

    /// <inheritdoc/>
    public bool Equals(VirtualPath other)
    {
        return string.Equals(Value, other.Value, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj)
    {
        return obj is VirtualPath other && Equals(other);
    }

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        return string.GetHashCode(Value, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        return Value;
    }

    /// <summary>The same path.</summary>
    public static bool operator ==(VirtualPath left, VirtualPath right)
    {
        return left.Equals(right);
    }

    /// <summary>Another path.</summary>
    public static bool operator !=(VirtualPath left, VirtualPath right)
    {
        return !left.Equals(right);
    }
}
