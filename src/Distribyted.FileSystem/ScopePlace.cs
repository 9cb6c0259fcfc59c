namespace Distribyted.FileSystem;

/// <summary>How a path lies to a scope.</summary>
internal enum ScopePlace
{
    /// <summary>Neither below an allowed folder nor above one.</summary>
    Outside,

    /// <summary>A folder above an allowed one.</summary>
    OnTheWay,

    /// <summary>An allowed folder or something in it.</summary>
    Inside,
}
