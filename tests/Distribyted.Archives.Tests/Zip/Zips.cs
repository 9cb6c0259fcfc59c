using System.Diagnostics;
using System.IO.Compression;
using Distribyted.Testing;

namespace Distribyted.Archives.Tests.Zip;

/// <summary>Zip files as different programs write them.</summary>
internal static class Zips
{
    /// <summary>Written by .NET; stored unless a level is given.</summary>
    public static byte[] Make(IReadOnlyDictionary<string, byte[]> files, CompressionLevel level = CompressionLevel.NoCompression)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                using var entry = zip.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }

    /// <summary>Written by a program of this machine; the test is ignored where it is missing.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments; <c>OUT</c> is the archive. It runs in a folder with exactly these files.</param>
    /// <param name="files">Path and content.</param>
    /// <param name="ending">What the archive's name ends with.</param>
    public static byte[] MakeWith(string program, string[] arguments, IReadOnlyDictionary<string, byte[]> files, string ending = ".zip")
    {
        using var folder = new TempFolder();
        var source = Directory.CreateDirectory(Path.Combine(folder.Path, "in")).FullName;
        foreach (var (name, content) in files)
        {
            var path = Path.Combine(source, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, content);
        }

        var result = Path.Combine(folder.Path, "out" + ending);
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = source,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument.Replace("OUT", result, StringComparison.Ordinal));
        }

        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.That(process.ExitCode, Is.Zero, error);
            _ = output;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore($"{program} is not installed.");
        }

        return File.ReadAllBytes(result);
    }
}
