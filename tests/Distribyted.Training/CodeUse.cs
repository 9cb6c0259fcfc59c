namespace Distribyted.Training;

/// <summary>What a published daemon does with the code that was compiled before it ran.</summary>
internal enum CodeUse
{
    /// <summary>Runs it: the list of what is compiled has only what was missing.</summary>
    RunCompiled,

    /// <summary>Ignores it: the list has every method that is called. Such a daemon is slow.</summary>
    CompileAll,
}
