namespace Distribyted.FileSystem;

/// <summary>A property that only its client understands.</summary>
/// <param name="Namespace">XML namespace.</param>
/// <param name="Name">Local name.</param>
/// <param name="Xml">The whole element as XML; null removes it.</param>
public sealed record DeadProperty(string Namespace, string Name, string? Xml);
