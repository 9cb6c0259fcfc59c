using System.Globalization;
using System.Text;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Scheduling.Tracing;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>The events of a scheduler as a table: a line each, columns separated by tabs, after lines that say where the connected peers are.</summary>
internal static class TraceText
{
    public static string Of(TraceEvent[] events, IEnumerable<Peer> peers)
    {
        var text = new StringBuilder();
        foreach (var peer in peers)
        {
            text.Append(CultureInfo.InvariantCulture, $"# peer {peer.Slot.Index} is {peer.Remote}\n");
        }

        text.Append("microseconds\tevent\tpeer\tpiece\tblock\tqueue\tvalue\n");
        foreach (var item in events)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{item.At}\t{item.Kind}\t{item.Peer}\t{item.Piece}\t{item.Block}\t{item.Queue}\t{item.Value}\n"
            );
        }

        return text.ToString();
    }
}
