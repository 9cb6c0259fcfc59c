using Distribyted.Http.Users;
using Distribyted.Routes.Model;

namespace Distribyted.Configuration;

/// <summary>Reads <c>auth.users:</c>.</summary>
internal static class UserReader
{
    private static readonly string[] Passwords = ["pass", "pass_file", "pass_hash"];
    private static readonly string[] Known = ["name", "pass", "pass_file", "pass_hash", "rights", "routes"];

    public static void Read(Settings settings, ConfigNode node, ConfigurationReport report)
    {
        var users = new List<HttpUser>();
        foreach (var item in ObjectReader.Items("auth.users", node, Known, report))
        {
            var name = item.Text("name");
            if (name.Length == 0)
            {
                report.Wrong(item.Origin, $"{item.Path}.name", "it is missing.");
                continue;
            }

            if (Keys.UserName(name) is { } wrong)
            {
                report.Wrong(item.Members["name"].Origin, $"{item.Path}.name", $"{item.Members["name"].Quote()} {wrong}");
            }
            else if (users.Any(u => u.Name == name))
            {
                report.Wrong(item.Members["name"].Origin, $"{item.Path}.name", $"\"{name}\" is there twice.");
            }
            else if (User(item, name, report) is { } user)
            {
                users.Add(user);
            }
        }

        settings.Access.Users = users;
    }

    private static HttpUser? User(ObjectReader item, string name, ConfigurationReport report)
    {
        var given = Passwords.Where(item.Members.ContainsKey).ToArray();
        if (given.Length != 1)
        {
            var text =
                given.Length == 0
                    ? "it is missing. Give pass, pass_file or pass_hash."
                    : $"{string.Join(" and ", given)} are both given. Keep one.";
            report.Wrong(item.Origin, $"{item.Path}.pass", text);
            return null;
        }

        var rights = item.Text("rights");
        if (rights is not ("" or "full" or "read"))
        {
            report.Wrong(item.Members["rights"].Origin, $"{item.Path}.rights", $"\"{rights}\" is not one of full, read.");
        }

        var may = rights == "read" ? UserRights.Read : UserRights.Full;
        string[] routes = [.. item.Texts("routes", text => RouteName.Mistake(text.Trim('/'))).Select(text => text.Trim('/'))];
        var node = item.Members[given[0]];
        if (given[0] == "pass_hash")
        {
            var parts = node.Text.Split(':');
            if (parts is ["ha1", { Length: 32 } md5, { Length: 64 } sha256] && IsHex(md5) && IsHex(sha256))
            {
                return new HttpUser(name, md5.ToLowerInvariant(), sha256.ToLowerInvariant(), may, routes);
            }

            report.Wrong(node.Origin, $"{item.Path}.pass_hash", $"it is not ha1:<md5>:<sha-256>. Make one: distribyted password {name}");
            return null;
        }

        var password = given[0] == "pass" ? node.Text : SecretFile.Read(node.Text, node.Origin, $"{item.Path}.pass_file", report);
        if (password is not null && !PasswordRule.Accepts(password))
        {
            report.Wrong(node.Origin, $"{item.Path}.{given[0]}", $"it must have {PasswordRule.Text}.");
            return null;
        }

        return password is null ? null : HttpUser.Create(name, password, may, routes);
    }

    private static bool IsHex(string text)
    {
        return text.All(char.IsAsciiHexDigit);
    }
}
