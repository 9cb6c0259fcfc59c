namespace Distribyted.BitTorrent.Protocol.Bencoding;

/// <summary>What comes next in a bencoded text (BEP 3).</summary>
internal enum BencodeKind
{
    Integer,
    String,
    List,
    Dictionary,

    /// <summary>The <c>e</c> of the list or dictionary that is being read.</summary>
    End,
}
