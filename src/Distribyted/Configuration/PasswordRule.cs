namespace Distribyted.Configuration;

/// <summary>Which passwords are accepted, wherever one is given.</summary>
internal static class PasswordRule
{
    /// <summary>Most characters.</summary>
    public const int MaxLength = 128;

    /// <summary>The rule for messages.</summary>
    public const string Text = "1 to 128 characters";

    public static bool Accepts(string password)
    {
        return password.Length is >= 1 and <= MaxLength;
    }
}
