using System.Globalization;
using System.Text;
using Distribyted.Platform;

namespace Distribyted.Http.Sessions;

/// <summary>The file of sessions: a line each, of key, proof, two times (Unix seconds) and the name of the user, separated by tabs; mode 0600. Who reads it can
/// sign in with nothing of it. Lines that cannot be read are passed over. Not thread-safe.</summary>
/// <param name="path">Null: nothing is kept.</param>
internal sealed class SessionFile(string? path)
{
    private const int MaxLength = 16 << 20; // bytes; no file of ours is as long

    /// <exception cref="IOException">It is there and cannot be read.</exception>
    public IReadOnlyList<Session> Read()
    {
        if (path is null || !File.Exists(path) || new FileInfo(path).Length > MaxLength)
        {
            return [];
        }

        return [.. File.ReadLines(path).Select(Parse).OfType<Session>()];
    }

    /// <summary>The sessions as the file has them.</summary>
    public static string Text(IEnumerable<Session> sessions)
    {
        var text = new StringBuilder();
        foreach (var session in sessions)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{session.Key}\t{session.Proof}\t{session.Created.ToUnixTimeSeconds()}\t{session.Used.ToUnixTimeSeconds()}\t{session.User}\n"
            );
        }

        return text.ToString();
    }

    /// <summary>Writes the file anew. On disk when it returns.</summary>
    /// <param name="text">Of <see cref="Text"/>.</param>
    /// <exception cref="IOException">The former file is still there.</exception>
    /// <exception cref="UnauthorizedAccessException">The former file is still there.</exception>
    public void Replace(string text)
    {
        if (path is not null)
        {
            DurableFile.Replace(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)), isPrivate: true);
        }
    }

    private static Session? Parse(string line)
    {
        return
            line.Split('\t') is [{ Length: 64 } key, { Length: 64 } proof, var created, var used, { Length: > 0 } user]
            && Time(created) is { } begin
            && Time(used) is { } last
            ? new Session(key, user, proof, begin, last)
            : null;
    }

    private static DateTimeOffset? Time(string text)
    {
        return
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
    }
}
