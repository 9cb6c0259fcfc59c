namespace Distribyted.FileSystem;

/// <summary>A tree that can also be changed. A user who may only read gets a plain <see cref="IFileSystem"/>: rights are a type.</summary>
public interface IWritableFileSystem : IFileSystem
{
    /// <summary>Whether a path lies where this user may change anything at all, by the path alone: what is outside may not be locked either, and nothing is
    /// said of who has locked it. A write to what is inside may still be refused.</summary>
    bool IsInReach(VirtualPath path)
    {
        return true;
    }

    /// <summary>Checks a PUT before its body is sent (before 100 Continue); <see cref="WriteOutcome.Done"/> means go on.</summary>
    ValueTask<WriteResult> MayPutAsync(VirtualPath path, long? length, CancellationToken cancellationToken);

    /// <summary>Writes a file. The content is complete and seekable.</summary>
    Task<WriteResult> PutAsync(VirtualPath path, Stream content, CancellationToken cancellationToken);

    /// <summary>Makes a folder.</summary>
    Task<WriteResult> MakeDirectoryAsync(VirtualPath path, CancellationToken cancellationToken);

    /// <summary>Removes a file, or a folder with everything in it.</summary>
    Task<WriteResult> DeleteAsync(VirtualPath path, CancellationToken cancellationToken);

    /// <summary>Moves or renames.</summary>
    Task<WriteResult> MoveAsync(VirtualPath from, VirtualPath to, bool overwrite, CancellationToken cancellationToken);

    /// <summary>Copies; without <paramref name="members"/> a folder is copied empty (Depth 0).</summary>
    Task<WriteResult> CopyAsync(VirtualPath from, VirtualPath to, bool overwrite, bool members, CancellationToken cancellationToken);

    /// <summary>Properties that clients have left on a path (RFC 4918 section 4.2).</summary>
    ValueTask<IReadOnlyList<DeadProperty>> GetPropertiesAsync(VirtualPath path, CancellationToken cancellationToken);

    /// <summary>The same for everything directly in a folder, by the names of its listing. Only what has any is there, which is next to nothing:
    /// a listing of ten thousand entries asks once.</summary>
    /// <returns>Empty when the folder is not there or no client left anything in it.</returns>
    ValueTask<IReadOnlyDictionary<string, IReadOnlyList<DeadProperty>>> ListPropertiesAsync(
        VirtualPath folder,
        CancellationToken cancellationToken
    );

    /// <summary>Changes such properties, all or none.</summary>
    Task<WriteResult> SetPropertiesAsync(VirtualPath path, IReadOnlyList<DeadProperty> changes, CancellationToken cancellationToken);
}
