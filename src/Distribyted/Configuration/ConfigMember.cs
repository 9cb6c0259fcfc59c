namespace Distribyted.Configuration;

/// <summary>A key with its value, and where the key stands.</summary>
internal sealed record ConfigMember(string Name, Origin Origin, ConfigNode Value);
