namespace Distribyted.Configuration;

/// <summary>One thing that is wrong, or worth a word: where, which key, what, and what would be right. Never holds a secret.</summary>
internal sealed record Mistake(Origin Origin, string Key, string Text)
{
    public string Words => Key.Length == 0 ? Text : $"{Key}: {Text}";
}
