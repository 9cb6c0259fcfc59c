namespace Distribyted.Http.Authentication;

/// <summary>Who says to be a user: whose wrong passwords are counted together.</summary>
/// <param name="User">The name, known or not.</param>
/// <param name="Program">0: Basic. Above: Digest, by the program that asks.</param>
/// <remarks>Basic shows the password, so that the same wrong one counts once, whoever sends it. Digest hides it: every try counts, and a program that was
/// left with an old password would lock out all others. So each program has a count of its own, one of <see cref="Programs"/>, by its User-Agent.</remarks>
internal readonly record struct Claimant(string User, int Program)
{
    /// <summary>Counts for Digest of one user. A guesser who changes the User-Agent has so many times the tries, and no more.</summary>
    public const int Programs = 8;

    public static Claimant Basic(string user)
    {
        return new Claimant(user, 0);
    }

    public static Claimant Digest(string user, string userAgent)
    {
        var hash = 17u;
        foreach (var c in userAgent)
        {
            hash = (hash * 31) + c;
        }

        return new Claimant(user, 1 + (int)(hash % Programs));
    }
}
