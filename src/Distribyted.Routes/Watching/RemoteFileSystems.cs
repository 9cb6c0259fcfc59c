namespace Distribyted.Routes.Watching;

/// <summary>Which file systems may change without the kernel of this machine being told: over a network, from the other side of a virtual machine or
/// container, or below a program (FUSE). What happens there is found by looking.</summary>
internal static class RemoteFileSystems
{
    /// <summary>Types as Linux names them in <c>mountinfo</c>, lower case.</summary>
    private static readonly HashSet<string> Types = new(StringComparer.Ordinal)
    {
        "9p",
        "acfs",
        "afp",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "coda",
        "davfs",
        "drvfs",
        "fakeowner", // Docker Desktop
        "gfs2",
        "glusterfs",
        "gpfs",
        "grpcfuse", // Docker Desktop
        "lustre",
        "mergerfs",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "orangefs",
        "osxfs", // Docker Desktop
        "prl_fs", // Parallels
        "shfs", // Unraid
        "smb",
        "smb2",
        "smb3",
        "smbfs",
        "v9fs",
        "vboxsf", // VirtualBox
        "virtiofs",
        "vmhgfs", // VMware
        "webdav",
        "wslfs",
    };

    /// <summary>Whether a type is one of them. <c>fuseblk</c> is not: NTFS and exFAT on a disk of this machine.</summary>
    internal static bool Contains(string type)
    {
        var name = type.ToLowerInvariant();
        return name == "fuse" || name.StartsWith("fuse.", StringComparison.Ordinal) || Types.Contains(name);
    }
}
