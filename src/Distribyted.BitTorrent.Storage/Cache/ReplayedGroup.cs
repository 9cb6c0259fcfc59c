using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>A group as the journal of the last run left it.</summary>
internal sealed record ReplayedGroup(InfoHash Hash, int Group, int[] Slots, ulong Mask, long Bytes, byte Flags, ulong Sequence);
