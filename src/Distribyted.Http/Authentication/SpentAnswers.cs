namespace Distribyted.Http.Authentication;

/// <summary>Digest answers that have changed something: none does so twice (RFC 7616 section 3.4, nc). Who overhears one on a line without TLS could send it
/// again with another body, since qop=auth leaves the body out of the hash.</summary>
/// <remarks>An answer covers nonce, count, method and address, and only who knows the password can make another. So it is the answer that is kept: clients that
/// never raise their count go on working. Reading is not tracked: who hears the question hears the bytes. Bounded; safe for use by many threads.</remarks>
internal sealed class SpentAnswers
{
    /// <summary>Most answers: a client would have to write 200 times a second for as long as a nonce lives.</summary>
    public const int Capacity = 64 * 1024;

    // _lock guards all below.
    private readonly Lock _lock = new();
    private readonly SortedList<TimeSpan, HashSet<ulong>> _ofNonce = [];
    private int _count;
    private TimeSpan _closed = TimeSpan.MinValue; // nonces up to this one are good for reading only: what they have changed is not known any more

    /// <summary>Answers that are kept.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <summary>Notes an answer that is right.</summary>
    /// <param name="issued">When its nonce was made; each has its own time.</param>
    /// <param name="answer">A part of the answer.</param>
    /// <param name="oldest">Nonces of before are refused anyway.</param>
    /// <returns>False: it was used, or that is no longer known. A new nonce is needed.</returns>
    public bool TrySpend(TimeSpan issued, ulong answer, TimeSpan oldest)
    {
        lock (_lock)
        {
            while (_ofNonce.Count > 0 && (_ofNonce.GetKeyAtIndex(0) < oldest || _count >= Capacity))
            {
                _closed = _ofNonce.GetKeyAtIndex(0);
                _count -= _ofNonce.GetValueAtIndex(0).Count;
                _ofNonce.RemoveAt(0);
            }

            if (issued <= _closed)
            {
                return false;
            }

            if (!_ofNonce.TryGetValue(issued, out var answers))
            {
                _ofNonce.Add(issued, answers = new HashSet<ulong>(1));
            }

            var isNew = answers.Add(answer);
            _count += isNew ? 1 : 0;
            return isNew;
        }
    }
}
