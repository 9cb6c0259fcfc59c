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
    private readonly Action<string> _write;

    // _lock guards the sessions, their times and the number of changes.
    private readonly Lock _lock = new();
    private Dictionary<string, Session>? _sessions;
    private long _changes;

    // _writing guards the file and how many of the changes it has. It is taken before _lock, so requests do not wait for the disk.
    private readonly Lock _writing = new();
    private long _written;

    public SessionStore(SessionOptions options, TimeProvider time, ILogger<SessionStore> log)
        : this(options, time, log, new SessionFile(options.File).Replace) { }

    /// <param name="options">How long sessions live.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Told when the file cannot be read or written.</param>
    /// <param name="write">Writes the file anew; on disk when it returns.</param>
    internal SessionStore(SessionOptions options, TimeProvider time, ILogger<SessionStore> log, Action<string> write)
    {
        _options = options;
        _time = time;
        _log = log;
        _file = new SessionFile(options.File);
        _write = write;
    }

    /// <summary>A new session, with an id that no browser had before.</summary>
    public SessionId Begin(HttpUser user)
    {
        var id = SessionId.Create();
        var now = _time.GetUtcNow();
        var session = new Session(id.Key, user.Name, Session.Prove(id, user.HashSha256), now, now);
        Session? surplus = null;
        long change;
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
            change = ++_changes;
        }

        Save(change);
        surplus?.End();
        return id;
    }

    /// <summary>The session of an id; null: there is none, or it has ended. Counts as a use of it.</summary>
    public Session? Find(SessionId id)
    {
        var now = _time.GetUtcNow();
        Session? session;
        bool isOver;
        long change = 0;
        lock (_lock)
        {
            var sessions = Sessions(now);
            if (!sessions.TryGetValue(id.Key, out session))
            {
                return null;
            }

            isOver = IsOver(session, now);
            if (isOver)
            {
                sessions.Remove(session.Key);
                change = ++_changes;
            }
            else
            {
                session.Used = now;
                if ((now - session.Saved).Duration() > _options.Timeout / SavesPerTimeout)
                {
                    session.Saved = now; // the other requests of the session need not write it as well
                    change = ++_changes;
                }
            }
        }

        if (change > 0)
        {
            Save(change);
        }

        if (!isOver)
        {
            return session;
        }

        session.End();
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
        long change;
        lock (_lock)
        {
            var sessions = Sessions(_time.GetUtcNow());
            ended = [.. sessions.Values.Where(which)];
            foreach (var session in ended)
            {
                sessions.Remove(session.Key);
            }

            change = ++_changes;
        }

        Save(change);
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

    // The change is on disk when this returns, unless the disk does not take it. Changes that come while the file is written are written together.
    private void Save(long change)
    {
        lock (_writing)
        {
            if (_written >= change)
            {
                return;
            }

            string text;
            lock (_lock)
            {
                text = SessionFile.Text(_sessions!.Values);
                _written = _changes;
                foreach (var session in _sessions.Values)
                {
                    session.Saved = session.Used;
                }
            }

            try
            {
                _write(text);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _log.SessionsNotKept(e.Message);
            }
        }
    }
}
