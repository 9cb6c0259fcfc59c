namespace Distribyted.Archives.Tests.Workshop;

/// <summary>The bytes of RAR blocks of one version.</summary>
internal interface IRarBlocks
{
    /// <summary>The signature and what comes before the first entry of a volume.</summary>
    byte[] Start(int volume);

    /// <summary>The header of an entry, or of its part in a volume.</summary>
    byte[] File(RarItem item, long done, long part, bool isLast);

    /// <summary>A comment or a recovery record, with its data.</summary>
    byte[] Service(string name, byte[] data);

    byte[] End(int volume, bool hasMore);
}
