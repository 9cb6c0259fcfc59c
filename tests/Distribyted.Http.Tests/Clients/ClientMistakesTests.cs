using Distribyted.Http.Clients;

namespace Distribyted.Http.Tests.Clients;

internal sealed class ClientMistakesTests
{
    [TestCase(401, "GET", "/films", null, false, ClientKind.WindowsExplorer, "webdav", "BasicAuthLevel")]
    [TestCase(401, "PROPFIND", "/", null, false, ClientKind.Kodi, "webdav", "did not send a user name")]
    [TestCase(401, "PROPFIND", "/", null, true, ClientKind.Kodi, "webdav", "wrong here")]
    [TestCase(403, "PUT", "/films/a.txt", "anna", true, ClientKind.Rclone, "webdav", "anna may not change")]
    [TestCase(403, "PROPFIND", "/", null, true, ClientKind.Vlc, "webdav", "https only")]
    [TestCase(404, "GET", "/films/A%2520film.mkv", "anna", true, ClientKind.NPlayer, "webdav", "encoded the address twice")]
    [TestCase(404, "PROPFIND", "/dav/", "anna", true, ClientKind.Infuse, "webdav", "Leave the path empty")]
    [TestCase(404, "PROPFIND", "/fs/films", "anna", true, ClientKind.Infuse, "webdav", "Leave the path empty")]
    [TestCase(404, "PROPFIND", "/", "anna", true, ClientKind.Infuse, "web", "another port")]
    [TestCase(405, "OPTIONS", "/fs/", "anna", true, ClientKind.Infuse, "web", "another port")]
    [TestCase(416, "GET", "/films/a.mkv", "anna", true, ClientKind.Vlc, "webdav", "another size")]
    [TestCase(421, "GET", "/", null, false, ClientKind.Other, "webdav", "http.allowed_hosts")]
    [TestCase(429, "GET", "/", null, true, ClientKind.Other, "webdav", "Too many wrong passwords")]
    [TestCase(500, "GET", "/", "anna", true, ClientKind.Other, "webdav", "The log says why")]
    [TestCase(404, "PROPFIND", "/films/.DS_Store", "anna", true, ClientKind.Finder, "webdav", null)]
    [TestCase(206, "GET", "/films/a.mkv", "anna", true, ClientKind.Vlc, "webdav", null)]
    public void The_likely_mistake_is_named(
        int status,
        string method,
        string target,
        string? user,
        bool hasCredentials,
        ClientKind kind,
        string listener,
        string? part
    )
    {
        var request = Request(status) with
        {
            Method = method,
            Target = target,
            User = user,
            HasCredentials = hasCredentials,
            Kind = kind,
            Listener = listener,
        };

        var mistake = ClientMistakes.Of([request]);

        Assert.That(mistake, part is null ? Is.Null : Does.Contain(part));
    }

    [Test]
    public void A_question_for_the_password_that_was_answered_is_no_mistake()
    {
        Assert.That(ClientMistakes.Of([Request(207), Request(401)]), Is.Null);
        Assert.That(ClientMistakes.Of([Request(0), Request(401)]), Is.Not.Null, "One that is being answered says nothing yet.");
        Assert.That(ClientMistakes.Of([]), Is.Null);
    }

    private static ClientRequest Request(int status)
    {
        return new ClientRequest(DateTimeOffset.UnixEpoch, ClientKind.Other, "webdav", "GET", "/", status, null, false, null);
    }
}
