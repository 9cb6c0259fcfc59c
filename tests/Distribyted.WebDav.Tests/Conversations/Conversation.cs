using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Distribyted.WebDav.Tests.Conversations;

/// <summary>What a client says, and what it needs to hear. The form is at the top of <c>README.md</c> in this folder.</summary>
internal sealed class Conversation
{
    private readonly List<Step> _steps;
    private readonly Dictionary<string, string> _taken = new(StringComparer.Ordinal);

    private Conversation(List<Step> steps)
    {
        _steps = steps;
    }

    public static Conversation Load(string client)
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Conversations", client + ".wire"));
        var steps = text.ReplaceLineEndings("\n").Split("\n== ").Skip(1).Select(Step.Parse).ToList();
        return new Conversation(steps);
    }

    public async Task SpeakAsync(DavServer server)
    {
        Assert.That(_steps, Is.Not.Empty);
        var connection = new KeptConnection(server);
        await using (connection)
        {
            foreach (var step in _steps)
            {
                await SpeakAsync(connection, step, server);
            }
        }
    }

    private async Task SpeakAsync(KeptConnection connection, Step step, DavServer server)
    {
        var line = Fill(step.RequestLine, server);
        await connection.SendAsync(line, [.. step.Headers.Select(header => Fill(header, server))], Body(step, server));
        if (step.Needs is ["drop"])
        {
            await connection.DropAsync();
            return;
        }

        var answer = await connection.ReadAsync(step.Title, isHead: line.StartsWith("HEAD ", StringComparison.Ordinal));
        foreach (var need in step.Needs)
        {
            Check(answer, Fill(need, server), step.Title);
        }
    }

    private string Fill(string text, DavServer server)
    {
        text = text.Replace("{origin}", $"http://{server.Host}", StringComparison.Ordinal);
        return _taken.Aggregate(text, (filled, pair) => filled.Replace("{" + pair.Key + "}", pair.Value, StringComparison.Ordinal));
    }

    private byte[]? Body(Step step, DavServer server)
    {
        if (step.Body.StartsWith("@bytes ", StringComparison.Ordinal))
        {
            return Tree.Content(int.Parse(step.Body[7..], CultureInfo.InvariantCulture));
        }

        if (step.Body.StartsWith("@chunks ", StringComparison.Ordinal))
        {
            var content = Tree.Content(int.Parse(step.Body[8..], CultureInfo.InvariantCulture));
            var half = content.Length / 2;
            return [.. Chunk(content[..half]), .. Chunk(content[half..]), .. "0\r\n\r\n"u8];
        }

        return step.Body.Length == 0 ? null : Encoding.UTF8.GetBytes(Fill(step.Body, server));
    }

    private static byte[] Chunk(byte[] content)
    {
        return
        [
            .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{content.Length:x}\r\n")),
            .. content,
            .. "\r\n"u8,
        ];
    }

    private void Check(Answer answer, string need, string step)
    {
        var words = need.Split(' ', 3);
        switch (words[0])
        {
            case "status":
                Assert.That(answer.Status.ToString(CultureInfo.InvariantCulture), Is.AnyOf(words[1].Split('|')), $"{step}: {answer.Head}");
                break;
            case "header":
                Assert.That(answer.Header(words[1]) ?? "", Does.Match(words[2]), $"{step}: {words[1]}");
                break;
            case "lacks":
                Assert.That(answer.Header(words[1]), Is.Null, $"{step}: {words[1]}");
                break;
            case "text":
                Assert.That(answer.Text, Does.Match(need[5..]), step);
                break;
            case "misses":
                Assert.That(answer.Text, Does.Not.Match(need[7..]), step);
                break;
            case "entries":
                Assert.That(answer.Responses, Has.Length.EqualTo(int.Parse(words[1], CultureInfo.InvariantCulture)), step);
                break;
            case "self":
                Assert.That(answer.Hrefs[0], Is.EqualTo(words[1]), step);
                break;
            case "prop":
                Assert.That(answer.Property(words[1])?.Value, Does.Match(words[2]), $"{step}: {words[1]}");
                break;
            case "propstats":
                var statuses = answer
                    .Responses.SelectMany(response => response.Elements(Answer.Dav + "propstat"))
                    .Select(stat => stat.Element(Answer.Dav + "status")!.Value.Split(' ')[1]);
                Assert.That(statuses.Distinct(), Is.EqualTo(words[1].Split(',')), $"{step}: {answer.Text}");
                break;
            case "content":
                Assert.That(answer.Body, Is.EqualTo(Tree.Content(int.Parse(words[1], CultureInfo.InvariantCulture))), step);
                break;
            case "part":
                var (from, until) = (int.Parse(words[1], CultureInfo.InvariantCulture), int.Parse(words[2], CultureInfo.InvariantCulture));
                Assert.That(answer.Body, Is.EqualTo(Tree.Content(until)[from..]), step);
                break;
            case "length":
                Assert.That(answer.Body, Has.Length.EqualTo(int.Parse(words[1], CultureInfo.InvariantCulture)), step);
                break;
            case "take":
                var match = Regex.Match(answer.Head + "\n" + answer.Text, words[2], RegexOptions.None, TimeSpan.FromSeconds(1));
                Assert.That(match.Success, Is.True, $"{step}: {need} in {answer.Head}");
                _taken[words[1]] = match.Groups[1].Value;
                break;
            default:
                Assert.Fail($"{step}: what is \"{need}\"?");
                break;
        }
    }

    private sealed record Step(string Title, string RequestLine, string[] Headers, string Body, string[] Needs)
    {
        public static Step Parse(string text)
        {
            var halves = text.Split("\n--\n", 2);
            var lines = halves[0].Split('\n');
            var blank = Array.FindIndex(lines, 1, string.IsNullOrWhiteSpace);
            var headers = blank < 0 ? lines[2..] : lines[2..blank];
            var body = blank < 0 ? "" : string.Join('\n', lines[(blank + 1)..]).TrimEnd('\n');
            var needs = halves[1].Split('\n').Where(line => line.Length > 0 && line[0] != '#').ToArray();
            return new Step(lines[0], lines[1], headers, body, needs);
        }
    }
}
