namespace Distribyted.Configuration;

/// <summary>What a node of the configuration is.</summary>
internal enum NodeKind
{
    /// <summary>Nothing after the colon, or <c>null</c>: as if the key were not there.</summary>
    Null,
    Text,
    List,
    Map,
}
