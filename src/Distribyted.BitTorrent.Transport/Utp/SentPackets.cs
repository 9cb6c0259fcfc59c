using Distribyted.BitTorrent.Protocol.Utp;

namespace Distribyted.BitTorrent.Transport.Utp;

/// <summary>Packets that were sent and are not acknowledged by number yet, by their sequence numbers. Not safe for use by several threads.</summary>
/// <param name="first">The number of the first packet.</param>
internal sealed class SentPackets(ushort first)
{
    private SentPacket[] _packets = new SentPacket[16]; // a power of two

    /// <summary>The oldest one, if there is one.</summary>
    public ushort First { get; private set; } = first;

    public int Count { get; private set; }

    /// <summary>The number that the next packet gets.</summary>
    public ushort Next => UtpSequence.Add(First, Count);

    public ref SentPacket this[ushort sequence] => ref _packets[sequence & (_packets.Length - 1)];

    /// <summary>Adds a packet with the number <see cref="Next"/>.</summary>
    public void Add(in SentPacket packet)
    {
        if (Count == _packets.Length)
        {
            Grow();
        }

        this[Next] = packet;
        Count++;
    }

    /// <summary>Removes the oldest.</summary>
    public void RemoveFirst()
    {
        First = UtpSequence.Add(First, 1);
        Count--;
    }

    /// <summary>Removes the newest: it was not sent after all.</summary>
    public void RemoveLast()
    {
        Count--;
    }

    private void Grow()
    {
        var larger = new SentPacket[2 * _packets.Length];
        for (var i = 0; i < Count; i++)
        {
            var sequence = UtpSequence.Add(First, i);
            larger[sequence & (larger.Length - 1)] = this[sequence];
        }

        _packets = larger;
    }
}
