namespace Distribyted.Configuration;

/// <summary>One thing that is wrong with the configuration, or deserves a warning. Never holds a secret.</summary>
/// <param name="Origin">Where it stands.</param>
/// <param name="Key">Path of the key; empty: it is about no single key.</param>
/// <param name="Problem">What is wrong, and what would be right.</param>
internal sealed record Mistake(Origin Origin, string Key, string Problem)
{
    /// <summary>The problem with its key.</summary>
    public string Text => Key.Length == 0 ? Problem : $"{Key}: {Problem}";
}
