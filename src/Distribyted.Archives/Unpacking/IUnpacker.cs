using Distribyted.Archives.Formats;

namespace Distribyted.Archives.Unpacking;

/// <summary>Decompresses entries of one archive, one after the other and forwards only, on the thread that calls it. For one caller at a time.</summary>
/// <remarks>It reads from the streams of the volumes, which may wait for the network; what they throw comes out as it is.</remarks>
internal interface IUnpacker : IDisposable
{
    /// <summary><see cref="ArchiveEntry.Ordinal"/> of the entry that is read.</summary>
    int Ordinal { get; }

    /// <summary>Goes to the next entry that has content; what is left of this one is decompressed where later ones need it (solid archives).</summary>
    /// <returns>False: there are no more.</returns>
    /// <exception cref="ArchiveException">The archive is damaged, or no password fits.</exception>
    bool MoveNext();

    /// <summary>Reads on in the entry.</summary>
    /// <returns>Bytes read; 0: its end.</returns>
    /// <exception cref="ArchiveException">Its bytes are damaged, have another checksum, or the password is wrong.</exception>
    int Read(Span<byte> destination);
}
