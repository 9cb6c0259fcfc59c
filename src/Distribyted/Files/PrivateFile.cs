namespace Distribyted.Files;

/// <summary>Files that only their owner can read (mode 0600), replaced as a whole.</summary>
internal static class PrivateFile
{
    public static void Write(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var temporary = path + ".new";
        File.Delete(temporary);
        using (var file = new FileStream(temporary, options))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true); // a power cut leaves the old content or the new one
        }

        File.Move(temporary, path, overwrite: true);
    }
}
