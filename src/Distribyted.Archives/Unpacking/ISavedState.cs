namespace Distribyted.Archives.Unpacking;

/// <summary>Where a decompression can go on: what <see cref="IResumable.Save"/> gave, or a place that the format names.</summary>
internal interface ISavedState
{
    /// <summary>Bytes of memory that it takes.</summary>
    int Length { get; }
}
