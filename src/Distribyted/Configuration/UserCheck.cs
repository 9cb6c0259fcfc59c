using Distribyted.Http.Users;

namespace Distribyted.Configuration;

/// <summary>The users of all places that can name them: <c>auth.users</c>, <c>webdav.user</c> and <c>http.user</c>.</summary>
internal sealed class UserCheck(Settings settings, GivenKeys given, ConfigurationReport report)
{
    /// <summary>All users that were named.</summary>
    public IReadOnlyList<HttpUser> Users { get; private set; } = [];

    /// <summary>Name for which a password is to be made; null: a user has one.</summary>
    public string? GeneratedFor { get; private set; }

    public void Find()
    {
        var users = settings.Access.Users.ToList();
        var first = SecretFile.Choose(settings.WebDavUser.Password, settings.WebDavUser.PasswordFile, "webdav.pass", given, report);
        var second = SecretFile.Choose(settings.HttpUser.Password, settings.HttpUser.PasswordFile, "http.pass", given, report);
        Add(users, settings.WebDavUser, first, "webdav");
        Add(users, settings.HttpUser, second, "http");
        Users = users;
        if (users.Count == 0 && !report.HasMistakes)
        {
            GeneratedFor = settings.WebDavUser.Name.Length > 0 ? settings.WebDavUser.Name : Named(settings.HttpUser);
        }
    }

    private void Add(List<HttpUser> users, FirstUser user, string? password, string section)
    {
        if (password is null)
        {
            return; // a name alone gets a generated password
        }

        var name = Named(user);
        var key = $"{section}.user";
        var made = HttpUser.Create(name, password);
        var same = users.Find(u => u.Name == name);
        if (same is null)
        {
            users.Add(made);
        }
        else if (same.HashSha256 != made.HashSha256)
        {
            report.Wrong(given.At(key), key, $"the user {name} is named twice, with two passwords. Keep one.");
        }
    }

    /// <summary>Warns of well-known passwords, and of routes that are not in the file.</summary>
    public void Warn()
    {
        var wellKnown = HttpUser.Create("admin", "admin").HashSha256;
        if (Users.Any(u => u.HashSha256 == wellKnown))
        {
            var key = new[] { "webdav.pass", "http.pass", "auth.users" }.First(k => k == "auth.users" || given.Has(k));
            report.Warn(given.At(key), key, "admin/admin is known to everybody. Choose another password.");
        }

        string[] routes = [.. settings.Routes.Routes.Select(r => r.Name)];
        foreach (var user in Users)
        {
            foreach (
                var route in user.Routes.Where(r => !routes.Any(known => known == r || known.StartsWith(r + "/", StringComparison.Ordinal)))
            )
            {
                report.Warn(
                    given.At("auth.users"),
                    "auth.users",
                    $"{user.Name} may see the route {route}, which is not in the file. It shows once it is made."
                );
            }
        }
    }

    private static string Named(FirstUser user)
    {
        return user.Name.Length > 0 ? user.Name : "admin";
    }
}
