using Microsoft.Extensions.Time.Testing;

namespace Distribyted.WebDav.Tests.Conversations;

internal sealed class ConversationTests
{
    [Test]
    public Task Windows_explorer_lists_reads_copies_in_renames_and_deletes()
    {
        return SpeakAsync("windows-miniredir");
    }

    [Test]
    public Task Finder_mounts_reads_and_saves()
    {
        return SpeakAsync("finder");
    }

    [Test]
    public Task Infuse_sees_folders_as_folders_and_plays()
    {
        return SpeakAsync("infuse");
    }

    [Test]
    public Task Vlc_finds_the_folder_itself_and_seeks()
    {
        return SpeakAsync("vlc");
    }

    [Test]
    public Task Kodi_lists_asks_whether_things_exist_and_seeks()
    {
        return SpeakAsync("kodi");
    }

    [Test]
    public Task Gvfs_climbs_to_the_top_and_saves()
    {
        return SpeakAsync("gvfs");
    }

    [Test]
    public Task Davfs2_locks_writes_and_renames()
    {
        return SpeakAsync("davfs2");
    }

    [Test]
    public Task Rclone_lists_uploads_and_looks_again()
    {
        return SpeakAsync("rclone");
    }

    private static async Task SpeakAsync(string client)
    {
        // The files are an hour old: of one that has just changed a date proves nothing (RFC 9110 section 8.8.2.2).
        var time = new FakeTimeProvider(new DateTimeOffset(2024, 6, 2, 8, 0, 0, TimeSpan.Zero));
        await using var server = await DavServer.StartAsync(Tree.Fill, time: time);
        time.Advance(TimeSpan.FromHours(1));

        await Conversation.Load(client).SpeakAsync(server);
    }
}
