namespace Distribyted.Tests.Architecture;

/// <summary>One type names another: in its base, a signature, a field, an attribute or the code of a method.</summary>
/// <param name="From">Full name of the outermost type that names.</param>
/// <param name="FromFolder">Its namespace.</param>
/// <param name="To">Full name of the outermost type that is named.</param>
/// <param name="ToFolder">Its namespace.</param>
internal readonly record struct TypeUse(string From, string FromFolder, string To, string ToFolder);
