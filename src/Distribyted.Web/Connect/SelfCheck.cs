using System.Globalization;
using System.Net;
using System.Security.Claims;
using System.Text.RegularExpressions;
using Distribyted.FileSystem;
using Distribyted.Http;
using Distribyted.Http.Authentication;
using Distribyted.Http.Listeners;
using Distribyted.Http.Paths;
using Distribyted.Http.Users;

namespace Distribyted.Web.Connect;

/// <summary>Checks that the WebDAV listener answers as clients need it: signing in, PROPFIND, ETag and ranges. Over the loopback address, as the user who asks.
/// Safe for use by many threads; one check runs at a time.</summary>
public sealed partial class SelfCheck(IServedPorts ports, HttpAccessOptions access, IUserFileSystem trees, TimeProvider time) : IDisposable
{
    private const int MostFolders = 200;
    private const int MostBody = 1 << 20;
    private static readonly TimeSpan FirstByteTimeout = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Runs all steps. Those after one that makes the rest impossible are left out.</summary>
    /// <param name="user">Who asks.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<CheckResult>> RunAsync(ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (Address() is not { } address)
        {
            return [Bad("Connection", "WebDAV is turned off, so no device can mount this server. webdav.enabled turns it on.")];
        }

        var name = user.Identity?.Name;
        var known = access.Users.FirstOrDefault(u => u.Name == name);
        await _one.WaitAsync(cancellationToken);
        try
        {
            using var client = new LoopbackClient(address, known);
            return await RunAsync(client, trees.For(user), known, cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Frees what it holds.</summary>
    public void Dispose()
    {
        _one.Dispose();
    }

    private async Task<List<CheckResult>> RunAsync(
        LoopbackClient client,
        IFileSystem files,
        HttpUser? user,
        CancellationToken cancellationToken
    )
    {
        var results = new List<CheckResult>();
        try
        {
            if (!await SignInAsync(client, user, results, cancellationToken))
            {
                return results;
            }

            results.Add(await OptionsAsync(client, cancellationToken));
            results.Add(await FolderAsync(client, cancellationToken));
            if (await FindFileAsync(files, cancellationToken) is not { } found)
            {
                const string Missing = "There is no file yet. Add a torrent, then check again.";
                results.Add(new CheckResult("ETag", CheckOutcome.Skipped, Missing));
                results.Add(new CheckResult("Ranges", CheckOutcome.Skipped, Missing));
                return results;
            }

            results.Add(await EntityTagAsync(client, found.Path, found.Entry, cancellationToken));
            results.Add(await RangeAsync(client, found.Path, found.Entry, cancellationToken));
        }
        catch (Exception e)
            when (e is HttpRequestException or IOException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            results.Add(
                Bad("Connection", $"This server does not answer itself: {e.Message} A firewall on this machine may be in the way.")
            );
        }

        return results;
    }

    private static async Task<bool> SignInAsync(
        LoopbackClient client,
        HttpUser? user,
        List<CheckResult> results,
        CancellationToken cancellationToken
    )
    {
        using var open = await client.AskAsync("PROPFIND", "/", cancellationToken, ("Depth", "0"));
        if (open.StatusCode == HttpStatusCode.MultiStatus)
        {
            results.Add(
                new CheckResult(
                    "Sign-in",
                    CheckOutcome.Notice,
                    "Programs on this machine need no password here. Others may, if it is set so."
                )
            );
            return true;
        }

        if (open.StatusCode == HttpStatusCode.Forbidden)
        {
            results.Add(Bad("Sign-in", "Signing in is allowed over https only, and no https port is open. Set webdav.tls_port."));
            return false;
        }

        if (open.StatusCode != HttpStatusCode.Unauthorized || user is null)
        {
            results.Add(
                Bad("Sign-in", $"The question for a password was expected; the answer was {Status(open)}, and the check cannot go on.")
            );
            return false;
        }

        var offered = open.Headers.WwwAuthenticate.Select(static c => c.Scheme).Distinct(StringComparer.Ordinal).ToArray();
        if (!offered.Contains("Digest"))
        {
            results.Add(
                new CheckResult(
                    "Sign-in",
                    CheckOutcome.Notice,
                    "Only Basic is offered, since auth.digest is off. Windows then signs in over https only, or after the .reg file."
                )
            );
            return false;
        }

        foreach (var sha256 in new[] { true, false })
        {
            using var answer = await client.SendAsync("PROPFIND", "/", sha256, cancellationToken, ("Depth", "0"));
            if (answer.StatusCode != HttpStatusCode.MultiStatus)
            {
                results.Add(
                    Bad(
                        "Sign-in",
                        $"Signing in with Digest ({(sha256 ? "SHA-256" : "MD5")}) as {user.Name} was answered with {Status(answer)}."
                    )
                );
                return false;
            }
        }

        results.Add(
            Good(
                "Sign-in",
                $"Without a password nothing is shown. {user.Name} can sign in with Digest; Basic is offered to older programs."
            )
        );
        return true;
    }

    private static async Task<CheckResult> OptionsAsync(LoopbackClient client, CancellationToken cancellationToken)
    {
        using var answer = await client.SendAsync("OPTIONS", "/", sha256: true, cancellationToken);
        var classes = answer.Headers.TryGetValues("DAV", out var values) ? string.Join(", ", values) : "";
        return classes.Contains('1', StringComparison.Ordinal) && classes.Contains('2', StringComparison.Ordinal)
            ? Good("WebDAV", "The server says that it speaks WebDAV with locks, which Finder and Windows need.")
            : Bad("WebDAV", $"The server names the WebDAV classes “{classes}”; clients need 1 and 2.");
    }

    private static async Task<CheckResult> FolderAsync(LoopbackClient client, CancellationToken cancellationToken)
    {
        using var answer = await client.SendAsync("PROPFIND", "/", sha256: true, cancellationToken, ("Depth", "1"));
        if (answer.StatusCode != HttpStatusCode.MultiStatus)
        {
            return Bad("Folders", $"The list of folders (PROPFIND) was answered with {Status(answer)}.");
        }

        var text = await BodyAsync(answer, cancellationToken);
        var count = Responses().Count(text) - 1; // the folder itself is the first
        return count < 0
            ? Bad("Folders", "The list of folders (PROPFIND) could not be read.")
            : Good("Folders", $"The list of folders (PROPFIND) came: {Count(count, "entry", "entries")}.");
    }

    // Nothing of this wakes a torrent: a HEAD, and a GET that is answered with 304.
    private static async Task<CheckResult> EntityTagAsync(
        LoopbackClient client,
        VirtualPath path,
        FileEntry entry,
        CancellationToken cancellationToken
    )
    {
        var target = Href.Of(path, isDirectory: false);
        using var head = await client.SendAsync("HEAD", target, sha256: true, cancellationToken);
        if (head.StatusCode != HttpStatusCode.OK || head.Headers.ETag is not { IsWeak: false } tag)
        {
            return Bad("ETag", $"“{path.Name}” has no strong ETag ({Status(head)}); players cannot go on after a pause.");
        }

        if (head.Content.Headers.ContentLength != entry.Length)
        {
            return Bad("ETag", $"“{path.Name}” has {entry.Length} bytes, but {head.Content.Headers.ContentLength} were announced.");
        }

        using var again = await client.SendAsync("GET", target, sha256: true, cancellationToken, ("If-None-Match", tag.Tag));
        return again.StatusCode == HttpStatusCode.NotModified
            ? Good("ETag", $"“{path.Name}” has a length and an ETag, and is not sent again to who has it.")
            : Bad("ETag", $"“{path.Name}” was asked for with its own ETag; the answer was {Status(again)} instead of 304.");
    }

    private async Task<CheckResult> RangeAsync(
        LoopbackClient client,
        VirtualPath path,
        FileEntry entry,
        CancellationToken cancellationToken
    )
    {
        const string Name = "Ranges";
        var target = Href.Of(path, isDirectory: false);
        using (var behind = await client.SendAsync("GET", target, sha256: true, cancellationToken, ("Range", $"bytes={entry.Length}-")))
        {
            if (
                behind.StatusCode != HttpStatusCode.RequestedRangeNotSatisfiable
                || behind.Content.Headers.ContentRange?.Length != entry.Length
            )
            {
                return Bad(Name, $"Bytes behind the end of “{path.Name}” were answered with {Status(behind)} instead of 416.");
            }
        }

        var start = time.GetTimestamp();
        using var first = await client.SendAsync("GET", target, sha256: true, cancellationToken, ("Range", "bytes=0-0"));
        if (
            first.StatusCode != HttpStatusCode.PartialContent
            || first.Content.Headers.ContentRange is not { From: 0, To: 0 } range
            || range.Length != entry.Length
        )
        {
            return Bad(Name, $"The first byte of “{path.Name}” was answered with {Status(first)} instead of 206 with the whole length.");
        }

        using var deadline = new CancellationTokenSource(FirstByteTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await using var body = await first.Content.ReadAsStreamAsync(either.Token);
            var count = await body.ReadAsync(new byte[1], either.Token);
            var took = time.GetElapsedTime(start);
            return count == 1
                ? Good(Name, $"Players can jump to any place. The first byte of “{path.Name}” came after {Milliseconds(took)} ms.")
                : Bad(Name, $"The first byte of “{path.Name}” was promised and did not come.");
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new CheckResult(
                Name,
                CheckOutcome.Notice,
                $"Ranges are answered, but no byte of “{path.Name}” came within {FirstByteTimeout.TotalSeconds:0} seconds. The Overview says why it waits."
            );
        }
    }

    // The first file that is not empty, at most some folders away.
    private static async Task<(VirtualPath Path, FileEntry Entry)?> FindFileAsync(IFileSystem files, CancellationToken cancellationToken)
    {
        var folders = new Queue<VirtualPath>([VirtualPath.Root]);
        for (var seen = 0; seen < MostFolders && folders.TryDequeue(out var folder); seen++)
        {
            DirectoryListing? listing;
            try
            {
                listing = await files.ListAsync(folder, cancellationToken);
            }
            catch (FileSystemException)
            {
                continue; // a damaged archive; other folders may do
            }

            for (var i = 0; i < listing?.Count; i++)
            {
                var entry = listing[i];
                if (entry is { IsDirectory: false, Length: > 0 })
                {
                    return (folder.Append(entry.Name), entry);
                }

                if (entry.IsDirectory)
                {
                    folders.Enqueue(folder.Append(entry.Name));
                }
            }
        }

        return null;
    }

    private Uri? Address()
    {
        var plain = access.RequireTls ? null : ports.PortOf(AddressBook.WebDav, isTls: false);
        var secure = ports.PortOf(AddressBook.WebDav, isTls: true);
        if ((plain ?? secure ?? ports.PortOf(AddressBook.WebDav, isTls: false)) is not { } port)
        {
            return null;
        }

        var only = ports.AddressOf(AddressBook.WebDav);
        var host = only is null || only.Equals(IPAddress.Any) || only.Equals(IPAddress.IPv6Any) ? IPAddress.Loopback : only;
        return new UriBuilder(plain is null && secure is not null ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, host.ToString(), port).Uri;
    }

    private static async Task<string> BodyAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var bytes = new byte[MostBody];
        var count = await body.ReadAtLeastAsync(bytes, MostBody, throwOnEndOfStream: false, cancellationToken);
        return System.Text.Encoding.UTF8.GetString(bytes, 0, count);
    }

    private static CheckResult Good(string name, string sentence)
    {
        return new CheckResult(name, CheckOutcome.Good, sentence);
    }

    private static CheckResult Bad(string name, string sentence)
    {
        return new CheckResult(name, CheckOutcome.Bad, sentence);
    }

    private static string Status(HttpResponseMessage answer)
    {
        return ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
    }

    private static string Milliseconds(TimeSpan time)
    {
        return time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);
    }

    private static string Count(int count, string one, string many)
    {
        return string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many)}");
    }

    [GeneratedRegex("<D:response>", RegexOptions.None, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Responses();
}
