namespace Distribyted.Configuration;

/// <summary>Where a value stands, as messages show it: <c>distribyted.yaml:7:9</c>, <c>DISTRIBYTED_HTTP_PORT</c>, <c>--http-port</c>, <c>default</c>.</summary>
internal readonly record struct Origin(SourceKind Kind, string Name, int Line, int Column)
{
    public static Origin Default => new(SourceKind.Default, "default", 0, 0);

    public static Origin Variable(string name)
    {
        return new Origin(SourceKind.Variable, name, 0, 0);
    }

    public static Origin Flag(string name)
    {
        return new Origin(SourceKind.Flag, name, 0, 0);
    }

    /// <summary>File and line alone, as routes remember it.</summary>
    public string Place => Kind == SourceKind.File ? $"{Name}:{Line}" : Name;

    /// <summary>File by line, then variables, then flags.</summary>
    public static int Compare(Origin a, Origin b)
    {
        var kind = a.Kind.CompareTo(b.Kind);
        if (kind != 0 || a.Kind != SourceKind.File)
        {
            return kind;
        }

        var line = a.Line.CompareTo(b.Line);
        return line != 0 ? line : a.Column.CompareTo(b.Column);
    }

    public override string ToString()
    {
        return Kind == SourceKind.File && Line > 0 ? $"{Name}:{Line}:{Column}" : Name;
    }
}
