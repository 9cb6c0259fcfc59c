using Distribyted.Http.Clients;
using Distribyted.Web.Connect;

namespace Distribyted.Web.Tests.Connect;

internal sealed class RecipesTests
{
    private static readonly ServerAddresses Plain = Addresses("http://nas.lan:36911/");
    private static readonly ServerAddresses Secure = Addresses("https://nas.lan:36912/");

    [Test]
    public void There_is_a_recipe_for_each_program()
    {
        var recipes = Recipes.For(Plain, "anna");

        Assert.That(
            recipes.Select(r => r.Name),
            Is.EqualTo(["Infuse", "VLC", "Kodi", "Windows Explorer", "Finder", "rclone", "davfs2", "iOS Files", "nPlayer", "mpv"])
        );
        Assert.That(recipes.Select(r => r.Kind).Distinct().Count(), Is.EqualTo(10));
        Assert.That(recipes.SelectMany(r => r.Steps).Select(s => s.Text), Has.All.Match("[.:]$"));
    }

    [Test]
    public void Every_recipe_but_the_one_over_HTTP_names_the_mount()
    {
        foreach (var addresses in new[] { Plain, Secure })
        {
            var host = addresses.Mount!.Host;
            foreach (var recipe in Recipes.For(addresses, "anna").Where(r => r.Kind is not (ClientKind.Mpv or ClientKind.Rclone)))
            {
                Assert.That(recipe.Steps.Select(s => s.Value ?? ""), Has.Some.Contain(host), recipe.Name);
            }
        }
    }

    [Test]
    public void Windows_gets_its_own_spelling_and_https_where_there_is_one()
    {
        var plain = Recipes.For(Plain, "anna").Single(r => r.Id == "windows");
        var secure = Recipes.For(Secure, "anna b").Single(r => r.Id == "windows");

        Assert.That(plain.Steps.Select(s => s.Value ?? ""), Has.Some.EqualTo(@"net use * \\nas.lan@36911\DavWWWRoot /user:anna *"));
        Assert.That(
            secure.Steps.Select(s => s.Value ?? ""),
            Has.Some.EqualTo(@"net use * \\nas.lan@SSL@36912\DavWWWRoot /user:""anna b"" *")
        );
        Assert.That(plain.Files.Single().Path, Is.EqualTo("api/v1/connect/distribyted-webdav.reg"));
    }

    [Test]
    public void Without_a_sign_in_no_name_is_asked_for()
    {
        var steps = Recipes.For(Plain, null).SelectMany(r => r.Steps).ToArray();

        Assert.That(steps.Select(s => s.Text), Has.None.Contain("password").IgnoreCase.And.None.Contain("user name"));
        Assert.That(steps.Select(s => s.Value ?? ""), Has.None.Contain("PASSWORD"));
    }

    [Test]
    public void The_files_hold_no_password()
    {
        var rclone = ConnectFiles.RcloneConfiguration(new Uri("http://nas.lan:36911/"), "anna");

        Assert.That(rclone, Is.EqualTo("[distribyted]\ntype = webdav\nurl = http://nas.lan:36911/\nvendor = other\nuser = anna\n"));
        Assert.That(ConnectFiles.WindowsRegistry, Does.StartWith("Windows Registry Editor Version 5.00\r\n"));
        Assert.That(
            ConnectFiles.WindowsRegistry,
            Does.Contain("\"BasicAuthLevel\"=dword:00000002\r\n\"FileSizeLimitInBytes\"=dword:ffffffff")
        );
    }

    private static ServerAddresses Addresses(string mount)
    {
        return new ServerAddresses(
            new Uri("http://nas.lan:4444/"),
            [new ServedAddress(new Uri(mount), AddressReach.ThisBrowser)],
            null,
            false
        );
    }
}
