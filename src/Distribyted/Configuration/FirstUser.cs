namespace Distribyted.Configuration;

/// <summary>A name and a password as the file has them; empty: not given. The password never reaches a log or a message.</summary>
internal sealed record FirstUser
{
    public string Name { get; set; } = "";

    public string Password { get; set; } = "";

    /// <summary>Path of a file whose first line is the password; empty: none.</summary>
    public string PasswordFile { get; set; } = "";
}
