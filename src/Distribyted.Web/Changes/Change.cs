namespace Distribyted.Web.Changes;

/// <summary>Something that changed, as listeners are told.</summary>
/// <param name="Type">Name of the event.</param>
/// <param name="Routes">The routes that it is about: who sees none of them is not told.</param>
/// <param name="Data">The event as JSON for users who may change things.</param>
/// <param name="ReadData">The same without addresses, for users who may only read.</param>
internal sealed record Change(string Type, IReadOnlyList<string> Routes, string Data, string ReadData);
