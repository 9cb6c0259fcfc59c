using Distribyted.Configuration;
using Distribyted.Http.Users;

namespace Distribyted.Commands;

/// <summary><c>password NAME</c>: a <c>pass_hash</c> for <c>auth.users</c>, so that the file need not hold the password.</summary>
internal static class PasswordCommand
{
    public static int Run(string name)
    {
        if (Keys.UserName(name) is not null || name.Length == 0)
        {
            Console.Error.WriteLine($"distribyted: \"{name}\" {(name.Length == 0 ? "is empty." : Keys.UserName(name))}");
            return ConfigurationReport.ExitCode;
        }

        if (!Console.IsInputRedirected)
        {
            Console.Error.Write($"Password for {name}: ");
        }

        var password = Console.IsInputRedirected ? Console.In.ReadLine() : ReadHidden();
        if (password is null || !PasswordRule.Accepts(password))
        {
            Console.Error.WriteLine($"distribyted: a password has {PasswordRule.Text}.");
            return ConfigurationReport.ExitCode;
        }

        var user = HttpUser.Create(name, password);
        Console.Out.WriteLine($"pass_hash: \"ha1:{user.HashMd5}:{user.HashSha256}\"");
        return 0;
    }

    private static string ReadHidden()
    {
        var text = new System.Text.StringBuilder();
        while (true)
        {
            var key = Console.ReadKey(intercept: true);
            if (key.Key == ConsoleKey.Enter)
            {
                Console.Error.WriteLine();
                return text.ToString();
            }

            if (key.Key == ConsoleKey.Backspace)
            {
                text.Length = Math.Max(0, text.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                text.Append(key.KeyChar);
            }
        }
    }
}
