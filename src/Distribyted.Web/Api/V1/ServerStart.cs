namespace Distribyted.Web.Api.V1;

/// <summary>When the program started.</summary>
internal sealed record ServerStart(DateTimeOffset At);
