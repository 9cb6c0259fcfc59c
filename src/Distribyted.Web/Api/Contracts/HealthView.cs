namespace Distribyted.Web.Api.Contracts;

/// <summary>GET /health, /health/live, /health/ready.</summary>
/// <param name="Status"><c>ok</c> or <c>starting</c>.</param>
/// <param name="Reasons">What is not ready; with <c>ok</c> on /health: what its owner would want to know although it works.</param>
internal sealed record HealthView(string Status, IReadOnlyList<string> Reasons);
