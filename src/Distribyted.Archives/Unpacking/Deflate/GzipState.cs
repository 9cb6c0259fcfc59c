namespace Distribyted.Archives.Unpacking.Deflate;

/// <summary>Where <see cref="GzipStream"/> can go on.</summary>
/// <param name="Content">In the deflate stream of a member; its offset is that in the file.</param>
/// <param name="Crc32">Of what the member unpacked to so far.</param>
/// <param name="Unpacked">Bytes that it unpacked to so far, without those beyond 32 bits.</param>
internal sealed record GzipState(InflateState Content, uint Crc32, uint Unpacked) : ISavedState
{
    public int Length => Content.Length + 8;
}
