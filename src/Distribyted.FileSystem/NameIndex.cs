using System.Text;

namespace Distribyted.FileSystem;

/// <summary>Finds a name in one folder: byte for byte first, then whatever differs only in how accents are composed (NFC, NFD).</summary>
/// <remarks>macOS sends names decomposed, most torrents hold them composed; a folder may hold both, so the exact one wins
/// (Unicode Standard Annex 15). Immutable and safe for use by many threads; costs nothing more until a name is asked for that is not there.</remarks>
public sealed class NameIndex
{
    private readonly IReadOnlyList<string> _names;
    private Dictionary<string, int>? _composed;

    /// <summary>An index over these names.</summary>
    /// <param name="names">In ordinal order, each once; the index keeps the list.</param>
    public NameIndex(IReadOnlyList<string> names)
    {
        _names = names;
    }

    /// <summary>Position of the name, or -1.</summary>
    public int Find(string name)
    {
        var exact = Exact(name);
        if (exact >= 0)
        {
            return exact;
        }

        var composed = Volatile.Read(ref _composed) ?? Compose();
        if (composed.Count == 0 && Ascii.IsValid(name))
        {
            return -1;
        }

        var key = Normalized(name);
        if (composed.TryGetValue(key, out var index))
        {
            return index;
        }

        return string.Equals(key, name, StringComparison.Ordinal) ? -1 : Exact(key);
    }

    /// <summary>The one spelling (NFC) that stands for all spellings of a name; text that is not Unicode stays as it is.</summary>
    public static string Normalized(string name)
    {
        if (Ascii.IsValid(name))
        {
            return name;
        }

        try
        {
            return name.Normalize(NormalizationForm.FormC);
        }
        catch (ArgumentException)
        {
            return name; // a lone surrogate has no normal form
        }
    }

    /// <summary>Whether two names are spellings of one.</summary>
    public static bool Same(string left, string right)
    {
        return string.Equals(left, right, StringComparison.Ordinal)
            || string.Equals(Normalized(left), Normalized(right), StringComparison.Ordinal);
    }

    private int Exact(string name)
    {
        var low = 0;
        var high = _names.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = string.CompareOrdinal(_names[middle], name);
            if (order == 0)
            {
                return middle;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return -1;
    }

    // Only names that have another spelling are kept: most folders are plain ASCII and keep nothing.
    private Dictionary<string, int> Compose()
    {
        var composed = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < _names.Count; i++)
        {
            if (!Ascii.IsValid(_names[i]))
            {
                composed.TryAdd(Normalized(_names[i]), i);
            }
        }

        return Interlocked.CompareExchange(ref _composed, composed, null) ?? composed;
    }
}
