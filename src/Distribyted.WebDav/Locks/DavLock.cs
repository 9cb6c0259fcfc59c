using System.Net;
using Distribyted.FileSystem;
using Distribyted.Platform;

namespace Distribyted.WebDav.Locks;

/// <summary>A write lock (RFC 4918 section 6).</summary>
/// <param name="Token">A URI, unique for all time.</param>
/// <param name="Root">What was locked, in any spelling (NFC, NFD).</param>
/// <param name="RootHref">The same in the spelling of who locked it, escaped, as answers show it.</param>
/// <param name="Exclusive">Exclusive, or shared.</param>
/// <param name="Infinite">Whether everything below is locked too.</param>
/// <param name="Owner">The owner element that the client sent; null: none.</param>
/// <param name="User">Who made it; only this user may use its token (section 6.4). Null: without a sign-in.</param>
/// <param name="Address">Where the request came from, for the limit per address; null: not known.</param>
/// <param name="Expires">When it ends by itself, on the clock of the table (<see cref="LockTable.Now"/>).</param>
internal sealed record DavLock(
    string Token,
    VirtualPath Root,
    string RootHref,
    bool Exclusive,
    bool Infinite,
    string? Owner,
    string? User,
    IPAddress? Address,
    TimeSpan Expires
)
{
    /// <summary>What was locked, in the one spelling that stands for all.</summary>
    public VirtualPath Root { get; } = Root.Normalized();

    /// <summary>The client that it counts for: an IPv4 address, or all addresses of one IPv6 line.</summary>
    public IPAddress Address { get; } = ClientAddress.Of(Address);

    /// <summary>Whether this path, in any spelling, is locked by it.</summary>
    public bool Covers(VirtualPath path)
    {
        var normal = path.Normalized();
        return Infinite ? normal.StartsWith(Root) : normal == Root;
    }
}
