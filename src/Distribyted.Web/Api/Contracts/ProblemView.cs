namespace Distribyted.Web.Api.Contracts;

/// <summary>RFC 9457, with the Go program's <c>error</c> (the same text as <c>detail</c>).</summary>
internal sealed record ProblemView(string Type, string Title, int Status, string Detail, string Error);
