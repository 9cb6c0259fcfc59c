using System.Security.Cryptography;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.BitTorrent.Extensions;

/// <summary>The metadata of another torrent that peers sent. Immutable.</summary>
/// <param name="Peers">How many did so.</param>
/// <param name="Message">What it was and what to do, for users.</param>
internal sealed record WrongMetadata(int Peers, string Message)
{
    /// <summary>Finds out what it is.</summary>
    /// <param name="wanted">The info hash that was given.</param>
    /// <param name="bytes">An info dictionary with another one.</param>
    /// <param name="peers">How many peers sent such metadata.</param>
    public static WrongMetadata Of(InfoHash wanted, byte[] bytes, int peers)
    {
        var senders = peers == 1 ? "1 peer" : $"{peers} peers";
        if (IsVersion2Of(wanted, bytes))
        {
            // Peers of a v2 swarm answer to the first 20 bytes of its SHA-256 hash (BEP 52).
            return new WrongMetadata(
                peers,
                IsVersion1(bytes)
                    ? $"{wanted} is the v2 info hash of a hybrid torrent ({senders} sent it); add it by its v1 info hash instead: "
                        + $"magnet:?xt=urn:btih:{InfoHash.Compute(bytes)}"
                    : $"{wanted} is the info hash of a torrent that is BitTorrent v2 only ({senders} sent it), which is not supported; "
                        + "look for a v1 or hybrid torrent of it"
            );
        }

        return new WrongMetadata(
            peers,
            $"{senders} sent metadata of another torrent ({InfoHash.Compute(bytes)}) and {(peers == 1 ? "is" : "are")} not believed; "
                + "other peers are waited for: check the info hash of the link, or add the .torrent file"
        );
    }

    private static bool IsVersion2Of(InfoHash wanted, byte[] bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return new InfoHash(hash[..InfoHash.Length]) == wanted;
    }

    private static bool IsVersion1(byte[] bytes)
    {
        try
        {
            TorrentInfoReader.Read(bytes);
            return true;
        }
        catch (ProtocolException)
        {
            return false;
        }
    }
}
