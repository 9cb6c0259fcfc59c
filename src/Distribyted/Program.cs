using System.CommandLine;
using Distribyted.Commands;
using Distribyted.Files;
using Distribyted.Hosting;

NativeMemory.KeepLittle();
Unicode.DoWithoutIcu();
if (OpenSsl.Missing() is { } missing)
{
    await Console.Error.WriteLineAsync("distribyted: cannot start: " + missing);
    return 1;
}

FileModes.MakeNewFilesPrivate();

// The table of contents. Values are not read here: flags that are not commands go to the one table of keys (Configuration/Keys.cs).
var config = new Option<string?>("--config")
{
    Description = "Configuration file. Without it ./distribyted.yaml, written when it is missing.",
    Recursive = true,
};
var name = new Argument<string>("name") { Description = "User name." };

var fix = new Option<bool>("--fix") { Description = "Comment out keys that do not exist here; the former file is kept as *.bak." };

var run = new Command("run", "Start the daemon. This is what happens without a command.");
run.SetAction((parsed, token) => RunCommand.RunAsync(parsed.GetValue(config), parsed.UnmatchedTokens, token));

var check = new Command("check", "Report every mistake of the configuration, or show what is in force and why. Starts nothing.");
check.Options.Add(fix);
check.SetAction((parsed, _) => CheckCommand.RunAsync(parsed.GetValue(config), parsed.UnmatchedTokens, parsed.GetValue(fix)));

var password = new Command("password", "Print a pass_hash for auth.users.") { name };
password.SetAction(parsed => PasswordCommand.Run(parsed.GetValue(name) ?? ""));

var selfTest = new Command(
    "selftest",
    "Prove the main job on this machine, without internet: a swarm, a magnet, reads over HTTP and WebDAV."
);
selfTest.SetAction((_, token) => SelfTestCommand.RunAsync(token));

var root = new RootCommand(
    "Torrents as files over WebDAV and HTTP.\n\nEvery key of distribyted.yaml is also a flag (torrent.add_timeout: --torrent-add-timeout 90)"
        + "\nand a variable (DISTRIBYTED_TORRENT_ADD_TIMEOUT=90). Flags win over variables, variables over the file."
)
{
    config,
    run,
    check,
    password,
    selfTest,
};
root.SetAction((parsed, token) => RunCommand.RunAsync(parsed.GetValue(config), parsed.UnmatchedTokens, token));
foreach (var command in new Command[] { root, run, check })
{
    command.TreatUnmatchedTokensAsErrors = false;
}

var settings = new ParserConfiguration { ResponseFileTokenReplacer = null };
return await root.Parse(args, settings).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
