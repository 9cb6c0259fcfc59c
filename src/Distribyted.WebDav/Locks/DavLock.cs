using Distribyted.FileSystem;

namespace Distribyted.WebDav.Locks;

/// <summary>A write lock (RFC 4918 section 6).</summary>
/// <param name="Token">A URI, unique for all time.</param>
/// <param name="Root">What was locked, in any spelling (NFC, NFD).</param>
/// <param name="RootHref">The same in the spelling of who locked it, escaped, as answers show it.</param>
/// <param name="Exclusive">Exclusive, or shared.</param>
/// <param name="Infinite">Whether everything below is locked too.</param>
/// <param name="Owner">The owner element that the client sent; null: none.</param>
/// <param name="User">Who made it; only this user may use its token (section 6.4). Null: without a sign-in.</param>
/// <param name="Address">Where the request came from, for the limit per address.</param>
/// <param name="Expires">When it ends by itself, on the clock of the table (<see cref="LockTable.Now"/>).</param>
internal sealed record DavLock(
    string Token,
    VirtualPath Root,
    string RootHref,
    bool Exclusive,
    bool Infinite,
    string? Owner,
    string? User,
    string Address,
    TimeSpan Expires
)
{
    /// <summary>What was locked, in the one spelling that stands for all.</summary>
    public VirtualPath Root { get; } = Root.Normalized();

    /// <summary>Whether this path, in any spelling, is locked by it.</summary>
    public bool Covers(VirtualPath path)
    {
        var normal = path.Normalized();
        return Infinite ? normal.StartsWith(Root) : normal == Root;
    }
}
