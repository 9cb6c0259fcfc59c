using System.Text;

namespace Distribyted.BitTorrent.Protocol.Wire;

/// <summary>A few integers with names, as an extension handshake carries them (BEP 10). Immutable; equal when names and values are.</summary>
/// <remarks>Bounded, because a peer chooses the names: at most <see cref="MaxCount"/>, of 1 to <see cref="MaxNameLength"/> printable ASCII characters.</remarks>
public sealed class NamedNumbers : IEquatable<NamedNumbers>
{
    /// <summary>Most entries that are kept; later ones are ignored.</summary>
    public const int MaxCount = 32;

    /// <summary>Longest name; entries with longer ones are ignored.</summary>
    public const int MaxNameLength = 32;

    private readonly (string Name, long Value)[] _entries; // in the order of their names' bytes, as bencoding wants it

    private NamedNumbers((string Name, long Value)[] entries)
    {
        _entries = entries;
    }

    /// <summary>No names.</summary>
    public static NamedNumbers None { get; } = new([]);

    /// <summary>In the order of the names' bytes.</summary>
    public ReadOnlySpan<(string Name, long Value)> Entries => _entries;

    /// <summary>The value of this name; null: there is none.</summary>
    public long? this[string name]
    {
        get
        {
            foreach (var (known, value) in _entries)
            {
                if (known == name)
                {
                    return value;
                }
            }

            return null;
        }
    }

    /// <summary>The same with one value added or replaced.</summary>
    public NamedNumbers With(string name, long value)
    {
        return IsName(Encoding.UTF8.GetBytes(name)) ? Put(name, value) : throw new ArgumentException("Not a name.", nameof(name));
    }

    /// <summary>The same with a value that a peer sent, unless its name is not one or there are too many.</summary>
    public NamedNumbers WithReceived(ReadOnlySpan<byte> name, long value)
    {
        return IsName(name) ? Put(Encoding.ASCII.GetString(name), value) : this;
    }

    /// <summary>These values, replaced by the later ones where both have a name.</summary>
    public NamedNumbers Then(NamedNumbers later)
    {
        var result = this;
        foreach (var (name, value) in later._entries)
        {
            result = result.Put(name, value);
        }

        return result;
    }

    /// <inheritdoc/>
    public bool Equals(NamedNumbers? other)
    {
        return other is not null && _entries.AsSpan().SequenceEqual(other._entries);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj)
    {
        return Equals(obj as NamedNumbers);
    }

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var entry in _entries)
        {
            hash.Add(entry);
        }

        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        return string.Join(", ", _entries.Select(static e => $"{e.Name}={e.Value}"));
    }

    private static bool IsName(ReadOnlySpan<byte> name)
    {
        return name.Length is > 0 and <= MaxNameLength && !name.ContainsAnyExceptInRange((byte)'!', (byte)'~');
    }

    private NamedNumbers Put(string name, long value)
    {
        var index = Array.FindIndex(_entries, e => string.CompareOrdinal(e.Name, name) >= 0);
        if (index >= 0 && _entries[index].Name == name)
        {
            var changed = _entries.ToArray();
            changed[index] = (name, value);
            return new NamedNumbers(changed);
        }

        if (_entries.Length == MaxCount)
        {
            return this;
        }

        index = index < 0 ? _entries.Length : index;
        return new NamedNumbers([.. _entries[..index], (name, value), .. _entries[index..]]);
    }
}
