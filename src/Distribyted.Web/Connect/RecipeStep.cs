namespace Distribyted.Web.Connect;

/// <summary>One step of a <see cref="Recipe"/>.</summary>
/// <param name="Text">What to do; a whole sentence.</param>
/// <param name="Value">What to enter or run, to be copied; null: nothing.</param>
public sealed record RecipeStep(string Text, string? Value = null);
