namespace Distribyted.Archives.Unpacking;

/// <summary>A decompression that can go on from where it was before.</summary>
internal interface IResumable
{
    /// <summary>What is needed to go on behind the last byte that was read; null: it cannot from here.</summary>
    ISavedState? Save();
}
