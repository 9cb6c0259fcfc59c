namespace Distribyted.Configuration;

/// <summary>Reads the file that <c>archives.passwords_file</c> names: one password a line, tried after those of <c>archives.passwords</c>.</summary>
internal sealed class ArchiveCheck(Settings settings, GivenKeys given, ConfigurationReport report)
{
    private const string Key = "archives.passwords_file";
    private const int MaxPasswords = 1000;

    public void Run()
    {
        var archives = settings.Archives;
        if (archives.PasswordsFile.Length == 0)
        {
            return;
        }

        try
        {
            string[] lines = [.. File.ReadLines(archives.PasswordsFile).Where(static line => line.Length > 0).Take(MaxPasswords + 1)];
            if (lines.Length > MaxPasswords || lines.Any(static line => !PasswordRule.Accepts(line)))
            {
                report.Wrong(given.At(Key), Key, $"that file may have {MaxPasswords} lines, each with {PasswordRule.Text}.");
                return;
            }

            archives.Passwords = [.. archives.Passwords, .. lines];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            report.Wrong(given.At(Key), Key, $"the file \"{archives.PasswordsFile}\" cannot be read: {exception.Message}");
        }
    }
}
