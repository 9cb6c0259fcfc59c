namespace Distribyted.Http.Authentication;

/// <summary>What a wrong password led to.</summary>
/// <param name="Failures">Different ones so far.</param>
/// <param name="IsNew">Whether it was counted; false: the same one again.</param>
/// <param name="Wait">How long nothing is looked at now; zero: not at all.</param>
/// <param name="Shared">How long names that no user has are not looked at; zero: they are. The answer must not tell them from users.</param>
internal readonly record struct LockOutVerdict(int Failures, bool IsNew, TimeSpan Wait, TimeSpan Shared);
