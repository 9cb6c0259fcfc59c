namespace Distribyted.Training;

/// <summary>The parts of a method as the runtime writes it; arguments of types and methods stand in brackets and may have brackets themselves.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Method">Its name.</param>
/// <param name="Arguments">Type arguments of the method.</param>
/// <param name="Parameters">How many parameters it has.</param>
internal sealed record MethodName(TypeName Type, string Method, IReadOnlyList<TypeName> Arguments, int Parameters)
{
    /// <exception cref="FormatException">Not such a text.</exception>
    public static MethodName Parse(string text)
    {
        var colon = Nesting.IndexOf(text, ':');
        var open = colon < 0 ? -1 : Nesting.IndexOf(text[(colon + 1)..], '(') + colon + 1;
        var close = text.LastIndexOf(')');
        if (colon < 0 || open <= colon || close < open)
        {
            throw new FormatException("No method: " + text);
        }

        var name = TypeName.Parse(text[(colon + 1)..open]); // has the form of a type
        return new MethodName(TypeName.Parse(text[..colon]), name.Name, name.Arguments, Nesting.Split(text[(open + 1)..close]).Count);
    }

    /// <summary>As text that is the same for the same method, with the number of parameters: <c>Space.Type`1[System.Int32]:Method[Argument]/2</c>.</summary>
    public override string ToString()
    {
        return $"{Type}:{Method}{TypeName.TextOf(Arguments)}/{Parameters}";
    }
}
