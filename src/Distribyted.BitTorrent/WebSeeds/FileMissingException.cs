namespace Distribyted.BitTorrent.WebSeeds;

/// <summary>A web seed does not have one file of the torrent; it may have others.</summary>
/// <param name="file">Which, in the order of the torrent.</param>
/// <param name="reason">Why, for users, without the address.</param>
internal sealed class FileMissingException(int file, string reason) : IOException(reason)
{
    public int File => file;
}
