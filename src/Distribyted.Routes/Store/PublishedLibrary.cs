using Distribyted.Routes.Model;

namespace Distribyted.Routes.Store;

/// <summary>The library between two changes, and a way to wait for the next one.</summary>
internal sealed class PublishedLibrary(LibraryModel model)
{
    private readonly TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal LibraryModel Model { get; } = model;

    /// <summary>Ends when another one has been published.</summary>
    internal Task Next => _next.Task;

    internal void AnnounceNext()
    {
        _next.TrySetResult();
    }
}
