namespace Distribyted.FileSystem;

/// <summary>What became of a write.</summary>
public enum WriteOutcome
{
    /// <summary>Something new is there.</summary>
    Created,

    /// <summary>What was there has been replaced.</summary>
    Replaced,

    /// <summary>Done; nothing new came.</summary>
    Done,

    /// <summary>There is nothing at the path.</summary>
    NotFound,

    /// <summary>The folder it should go to is not there.</summary>
    NoParent,

    /// <summary>Something is there already.</summary>
    Exists,

    /// <summary>A folder is there, and a file was meant.</summary>
    IsADirectory,

    /// <summary>Not allowed; the reason says why.</summary>
    Forbidden,

    /// <summary>A kind of file that means nothing here.</summary>
    Unsupported,

    /// <summary>The right kind of file, but broken.</summary>
    Invalid,

    /// <summary>More bytes than are taken.</summary>
    TooLarge,

    /// <summary>No space is left for it.</summary>
    NoSpace,
}
