using Distribyted.Http.Clients;

namespace Distribyted.Web.Api.V1.Contracts;

/// <summary>What programs last asked for.</summary>
/// <param name="Items">One for each kind of program that has asked since the start.</param>
internal sealed record ClientsView(IReadOnlyList<ClientView> Items);

/// <summary>What one kind of program last asked for.</summary>
/// <param name="Kind">The program.</param>
/// <param name="Mistake">What is probably wrong and what to do; null: nothing.</param>
/// <param name="Requests">The last requests, newest first.</param>
internal sealed record ClientView(ClientKind Kind, string? Mistake, IReadOnlyList<ClientRequestView> Requests);

/// <summary>One request.</summary>
/// <param name="At">When it came.</param>
/// <param name="Listener"><c>web</c> or <c>webdav</c>.</param>
/// <param name="Method">Its method.</param>
/// <param name="Target">What it asked for, as it was sent.</param>
/// <param name="Status">Status of the answer; null: it is being answered, or the client left.</param>
/// <param name="User">Who had signed in.</param>
/// <param name="Address">Where it came from.</param>
internal sealed record ClientRequestView(
    DateTimeOffset At,
    string Listener,
    string Method,
    string Target,
    int? Status,
    string? User,
    string? Address
);
