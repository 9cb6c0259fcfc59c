using System.Text;

namespace Distribyted.Http.Tests.Wire;

/// <summary>Takes a <c>multipart/byteranges</c> answer apart by the boundary that its header names.</summary>
internal static class Multipart
{
    public static List<(string Range, string Type, byte[] Body)> Read(WireResponse answer)
    {
        var boundary = answer["Content-Type"]!.Split("boundary=")[1];
        var text = Encoding.Latin1.GetString(answer.Body);
        var parts = new List<(string, string, byte[])>();
        var pieces = ("\r\n" + text).Split("\r\n--" + boundary);
        Assert.That(pieces[0], Is.Empty);
        Assert.That(pieces[^1], Is.EqualTo("--\r\n"));
        foreach (var piece in pieces[1..^1])
        {
            var end = piece.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            var headers = piece[2..end].Split("\r\n").Select(line => line.Split(": ")).ToDictionary(pair => pair[0], pair => pair[1]);
            parts.Add((headers["Content-Range"], headers["Content-Type"], Encoding.Latin1.GetBytes(piece[(end + 4)..])));
        }

        return parts;
    }
}
