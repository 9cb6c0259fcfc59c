using Microsoft.Win32.SafeHandles;

namespace Distribyted.Archives.Spools;

/// <summary>A piece of a spool on disk, one file. Everything but the file's bytes is guarded by the lock of <see cref="SpoolStore"/>.</summary>
internal sealed class SpoolPart : IDisposable
{
    private readonly IDisposable _reserved;
    private int _uses;
    private bool _isEvicted;

    private SpoolPart(Spool spool, int number, int length, SafeFileHandle file, IDisposable reserved)
    {
        Spool = spool;
        Number = number;
        Length = length;
        File = file;
        _reserved = reserved;
        Node = new LinkedListNode<SpoolPart>(this);
    }

    public Spool Spool { get; }

    /// <summary>Which piece of the block, from 0.</summary>
    public int Number { get; }

    /// <summary>Most bytes that it takes.</summary>
    public int Length { get; }

    /// <summary>Where its bytes begin and end, bytes from the start of the part.</summary>
    public int From { get; private set; }

    public int To { get; private set; }

    public SafeFileHandle File { get; }

    /// <summary>When it was used last, a timestamp.</summary>
    public long UsedAt { get; set; }

    /// <summary>Its place in the order of use.</summary>
    public LinkedListNode<SpoolPart> Node { get; }

    /// <summary>Makes the file; it goes with this part, also when the program ends.</summary>
    /// <exception cref="IOException">It cannot be made; or <see cref="UnauthorizedAccessException"/>.</exception>
    public static SpoolPart Create(Spool spool, int number, int length, string path, IDisposable reserved)
    {
        var file = System.IO.File.OpenHandle(
            path,
            FileMode.CreateNew,
            FileAccess.ReadWrite,
            FileShare.Read | FileShare.Delete,
            FileOptions.DeleteOnClose
        );
        return new SpoolPart(spool, number, length, file, reserved);
    }

    /// <summary>Bytes were written here; what does not join them counts as missing.</summary>
    public void Written(int at, int count)
    {
        if (at < From || at > To)
        {
            (From, To) = (at, at);
        }

        To = Math.Max(To, at + count);
    }

    /// <summary>Whether a read or a write of its file is under way.</summary>
    public bool IsUsed => _uses > 0;

    /// <summary>The file stays until the use ends.</summary>
    public void Use()
    {
        _uses++;
    }

    /// <returns>Whether the part is to be disposed by the caller, outside of the lock.</returns>
    public bool EndUse()
    {
        return --_uses == 0 && _isEvicted;
    }

    /// <summary>It counts as missing now.</summary>
    /// <returns>As <see cref="EndUse"/>.</returns>
    public bool Evict()
    {
        _isEvicted = true;
        return _uses == 0;
    }

    /// <summary>Removes the file and gives its space back.</summary>
    public void Dispose()
    {
        File.Dispose();
        _reserved.Dispose();
    }
}
