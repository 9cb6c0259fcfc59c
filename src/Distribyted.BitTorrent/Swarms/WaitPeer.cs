namespace Distribyted.BitTorrent.Swarms;

/// <summary>A peer that was asked for blocks of the piece that a reader waits for.</summary>
/// <param name="Address">Address and port.</param>
/// <param name="Client">Its program.</param>
/// <param name="Blocks">How many blocks it was asked for.</param>
/// <param name="Rate">Bytes per second from it, over two seconds.</param>
/// <param name="IsSilent">It is silent for longer than it should be.</param>
public sealed record WaitPeer(string Address, string Client, int Blocks, long Rate, bool IsSilent);
