using Distribyted.FileSystem;
using Distribyted.Http.Files;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Http.Tests.Files;

/// <summary>RFC 9110 section 13, for all methods and for paths where nothing is. The file is <c>"t"</c>, changed at 03:04:05.678.</summary>
[TestFixture]
public sealed class PreconditionsTests
{
    private const string Same = "Thu, 02 Jan 2020 03:04:05 GMT";
    private const string Before = "Thu, 02 Jan 2020 03:04:04 GMT";

    private static readonly DateTimeOffset Modified = new(2020, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
    private static readonly FileEntry File = new("film.mkv", IsDirectory: false, 1000, Modified, Modified, "t");

    // A method that writes is refused where one that reads is told that it has the file (section 13.1.2).
    [TestCase("GET", "If-None-Match: \"t\"", PreconditionOutcome.NotModified)]
    [TestCase("HEAD", "If-None-Match: \"t\"", PreconditionOutcome.NotModified)]
    [TestCase("PUT", "If-None-Match: \"t\"", PreconditionOutcome.Failed)]
    [TestCase("PUT", "If-None-Match: *", PreconditionOutcome.Failed)]
    [TestCase("PUT", "If-None-Match: \"u\"", PreconditionOutcome.Proceed)]
    [TestCase("PUT", "If-Match: \"t\"", PreconditionOutcome.Proceed)]
    [TestCase("PUT", "If-Match: \"u\"", PreconditionOutcome.Failed)]
    [TestCase("PUT", "If-Unmodified-Since: " + Same, PreconditionOutcome.Proceed)]
    [TestCase("PUT", "If-Unmodified-Since: " + Before, PreconditionOutcome.Failed)]
    [TestCase("PUT", "If-Modified-Since: " + Same, PreconditionOutcome.Proceed, TestName = "If-Modified-Since is for GET and HEAD only")]
    [TestCase("GET", "If-Match: \"u\"\nIf-Match: \"t\"", PreconditionOutcome.Proceed, TestName = "A list may be in several lines")]
    [TestCase("GET", "If-Match: \"t\"\nIf-Unmodified-Since: " + Before, PreconditionOutcome.Proceed)]
    [TestCase("GET", "If-Modified-Since: Thu, 02 Jan 2020 04:04:05 +0100", PreconditionOutcome.Proceed, TestName = "A date is in GMT")]
    [TestCase("GET", "If-Modified-Since: " + Same + "\nIf-Modified-Since: " + Same, PreconditionOutcome.Proceed, TestName = "One date")]
    public void Of_a_file(string method, string headers, PreconditionOutcome expected)
    {
        Assert.That(Preconditions.Evaluate(Request(method, headers), File), Is.EqualTo(expected));
    }

    [TestCase("If-Match: *", PreconditionOutcome.Failed)]
    [TestCase("If-Match: \"t\"", PreconditionOutcome.Failed)]
    [TestCase("If-None-Match: *", PreconditionOutcome.Proceed)]
    [TestCase("If-None-Match: \"t\"", PreconditionOutcome.Proceed)]
    [TestCase("If-Unmodified-Since: " + Before, PreconditionOutcome.Proceed)]
    [TestCase("If-Modified-Since: " + Same, PreconditionOutcome.Proceed)]
    public void Of_nothing(string headers, PreconditionOutcome expected)
    {
        Assert.That(Preconditions.Evaluate(Request("PUT", headers), entry: null), Is.EqualTo(expected));
        Assert.That(Preconditions.Evaluate(Request("GET", headers), entry: null), Is.EqualTo(expected));
    }

    // A listing changes with what is below it, and a folder's date says nothing of that.
    [Test]
    public void The_date_of_a_folder_does_not_save_its_listing()
    {
        var folder = File with { IsDirectory = true };

        Assert.That(Preconditions.Evaluate(Request("GET", "If-Modified-Since: " + Same), folder), Is.EqualTo(PreconditionOutcome.Proceed));
    }

    // The last two: now is in the second of the change and at the start of the next one (section 8.8.2.2).
    [TestCase("", 1000, true)]
    [TestCase("If-Range: \"t\"", 1000, true)]
    [TestCase("If-Range:  \"t\" ", 1000, true)]
    [TestCase("If-Range: \"u\"", 1000, false)]
    [TestCase("If-Range: W/\"t\"", 1000, false)]
    [TestCase("If-Range: t", 1000, false)]
    [TestCase("If-Range: \"", 1000, false)]
    [TestCase("If-Range: ", 1000, false)]
    [TestCase("If-Range: \"t\", \"t\"", 1000, false)]
    [TestCase("If-Range: " + Before, 1000, false)]
    [TestCase("If-Range: " + Same, 0.3, false)]
    [TestCase("If-Range: " + Same, 0.322, true)]
    public void A_range_holds_for_exactly_these_bytes(string headers, double secondsLater, bool holds)
    {
        Assert.That(Preconditions.RangeHolds(Request("GET", headers), File, Modified.AddSeconds(secondsLater)), Is.EqualTo(holds));
    }

    [Test]
    public void A_file_without_a_tag_is_named_by_no_tag()
    {
        var file = File with { ETag = "" };

        Assert.That(Preconditions.RangeHolds(Request("GET", "If-Range: \"\""), file, Modified.AddDays(1)), Is.False);
        Assert.That(Preconditions.Evaluate(Request("GET", "If-None-Match: \"\""), file), Is.EqualTo(PreconditionOutcome.Proceed));
        Assert.That(Preconditions.Evaluate(Request("GET", "If-Match: \"\""), file), Is.EqualTo(PreconditionOutcome.Failed));
        Assert.That(Preconditions.Evaluate(Request("GET", "If-Match: *"), file), Is.EqualTo(PreconditionOutcome.Proceed));
    }

    private static HttpRequest Request(string method, string headers)
    {
        var request = new DefaultHttpContext().Request;
        request.Method = method;
        foreach (var line in headers.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            request.Headers.Append(line[..colon], line[(colon + 1)..]);
        }

        return request;
    }
}
