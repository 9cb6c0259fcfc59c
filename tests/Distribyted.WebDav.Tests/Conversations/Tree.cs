using Distribyted.Testing;

namespace Distribyted.WebDav.Tests.Conversations;

/// <summary>What the clients find: two films, an album with odd names, and a folder to write in.</summary>
internal static class Tree
{
    public const int FilmLength = 300_000;

    public static void Fill(MemoryFs store)
    {
        store.AddFile("/films/Big Buck Bunny (2008)/Big Buck Bunny.mkv", Content(FilmLength));
        store.AddFile("/films/Big Buck Bunny (2008)/cover.jpg", Content(5_000));
        store.AddFile("/films/Big Buck Bunny (2008)/subs & more.srt", Content(900));
        store.AddFile("/films/Sintel.mp4", Content(120_000));
        store.AddFile("/music/Björk & Co/01 50% + more?.flac", Content(2_000));
        store.AddFolder("/inbox");
    }

    /// <summary>Bytes that are different at each offset.</summary>
    public static byte[] Content(int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
        {
            bytes[i] = (byte)((i * 31) ^ (i >> 8));
        }

        return bytes;
    }
}
