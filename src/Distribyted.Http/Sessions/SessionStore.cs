using Distribyted.Http.Telemetry;
using Distribyted.Http.Users;
using Microsoft.Extensions.Logging;

namespace Distribyted.Http.Sessions;

/// <summary>The browsers that are signed in, kept over restarts. Nothing is read before the first use. Safe for use by many threads.</summary>
/// <remarks>Times are of the wall clock, since they have to mean something after a restart: a clock that is set ahead ends sessions early.</remarks>
internal sealed class SessionStore
{
    /// <summary>Most sessions of a user; a further one ends the one that was used longest ago.</summary>
    public const int MostOfUser = 64;

    // An open page and events do not write the file with each request.
    private const int SavesPerTimeout = 10;

    private readonly SessionOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SessionFile _file;

    // _lock guards the sessions and their times.
    private readonly Lock _lock = new();
    private Dictionary<string, Session>? _sessions;

    public SessionStore(SessionOptions options, TimeProvider time, ILogger<SessionStore> log)
    {
        _options = options;
        _time = time;
        _log = log;
        _file = new SessionFile(options.File);
    }

    /// <summary>A new session, with an id that no browser had before.</summary>
    public SessionId Begin(HttpUser user)
    {
        var id = SessionId.Create();
        var now = _time.GetUtcNow();
        var session = new Session(id.Key, user.Name, Session.Prove(id, user.HashSha256), now, now);
        Session? surplus = null;
        lock (_lock)
        {
            var sessions = Sessions(now);
            var others = sessions.Values.Where(other => other.User == user.Name).ToArray();
            if (others.Length >= MostOfUser)
            {
                surplus = others.MinBy(static other => other.Used)!;
                sessions.Remove(surplus.Key);
            }

            sessions.Add(session.Key, session);
            Save(sessions);
        }

        surplus?.End();
        return id;
    }

    /// <summary>The session of an id; null: there is none, or it has ended. Counts as a use of it.</summary>
    public Session? Find(SessionId id)
    {
        var now = _time.GetUtcNow();
        Session? over;
        lock (_lock)
        {
            var sessions = Sessions(now);
            if (!sessions.TryGetValue(id.Key, out var session))
            {
                return null;
            }

            if (!IsOver(session, now))
            {
                session.Used = now;
                if ((now - session.Saved).Duration() > _options.Timeout / SavesPerTimeout)
                {
                    Save(sessions);
                }

                return session;
            }

            over = session;
            sessions.Remove(over.Key);
            Save(sessions);
        }

        over.End();
        return null;
    }

    /// <summary>Ends a session.</summary>
    public void End(Session session)
    {
        End(other => other == session);
    }

    /// <summary>Ends all sessions of a user.</summary>
    public void EndAll(string user)
    {
        End(session => session.User == user);
    }

    private void End(Func<Session, bool> which)
    {
        Session[] ended;
        lock (_lock)
        {
            var sessions = Sessions(_time.GetUtcNow());
            ended = [.. sessions.Values.Where(which)];
            foreach (var session in ended)
            {
                sessions.Remove(session.Key);
            }

            Save(sessions);
        }

        foreach (var session in ended)
        {
            session.End();
        }
    }

    private bool IsOver(Session session, DateTimeOffset now)
    {
        return now - session.Used > _options.Timeout || now - session.Created > _options.Longest;
    }

    private Dictionary<string, Session> Sessions(DateTimeOffset now)
    {
        if (_sessions is null)
        {
            _sessions = new Dictionary<string, Session>(StringComparer.Ordinal);
            try
            {
                foreach (var session in _file.Read().Where(session => !IsOver(session, now)))
                {
                    _sessions[session.Key] = session;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _log.SessionsNotRead(e.Message);
            }
        }

        return _sessions;
    }

    private void Save(Dictionary<string, Session> sessions)
    {
        try
        {
            _file.Replace(sessions.Values);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.SessionsNotKept(e.Message);
        }

        foreach (var session in sessions.Values)
        {
            session.Saved = session.Used;
        }
    }
}
