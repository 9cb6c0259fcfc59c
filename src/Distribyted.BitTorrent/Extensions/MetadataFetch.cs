using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Extensions;

/// <summary>Collects the info dictionary from peers (BEP 9). Guarded by the swarm's lock; sends nothing itself.</summary>
/// <remarks>All parts are asked for at once; peers that have nothing to do duplicate what is missing. After a wrong hash the parts are
/// thrown away and each peer is asked for the whole, one peer at a time: who then sends wrong bytes alone is to blame. A peer that does not say how
/// long the dictionary is is asked for its first part, which says so.</remarks>
internal sealed class MetadataFetch(InfoHash infoHash)
{
    private const int MaxAskedPerPeer = 64;
    private const int MaxCopies = 3; // of one part under way at once: the quickest peer wins
    private const int MaxLiars = 100; // that are counted
    private const long Patience = 3 * MonotonicClock.Second;
    private const long AskSizeEvery = 10 * MonotonicClock.Second;

    private readonly List<Source> _sources = [];
    private readonly List<Unsized> _unsized = [];
    private readonly HashSet<PeerEndPoint> _liars = [];
    private byte[]? _bytes;
    private bool[] _have = [];
    private int[] _asked = [];
    private int _missing;
    private Source? _alone; // after a wrong hash: the one that is asked
    private Source? _whole; // after a wrong hash: the one peer whose parts are taken
    private bool _wasWrong;

    /// <summary>What peers sent that had another hash, each alone; null: nothing.</summary>
    public WrongMetadata? Wrong { get; private set; }

    /// <summary>An extension handshake of a peer came, the first or a later one: it may have the metadata, or have it no longer.</summary>
    public void HandshakeReceived(Peer peer)
    {
        var size =
            peer.Extensions is { } handshake && handshake.IdOf(MetadataExtension.ExtensionName) > 0 ? handshake.MetadataSize ?? 0 : -1;
        if (_sources.Exists(g => g.Peer == peer && g.Size == size) || _unsized.Exists(u => u.Peer == peer && size == 0))
        {
            return;
        }

        PeerLeft(peer);
        if (size > 0)
        {
            _sources.Add(new Source(peer, size));
        }
        else if (size == 0)
        {
            _unsized.Add(new Unsized(peer));
        }
    }

    /// <summary>Whether the metadata may come from this peer: it says that it has it, and has not failed yet.</summary>
    public bool MayServe(Peer peer)
    {
        return _sources.Exists(g => g.Peer == peer && !g.HasFailed);
    }

    public void PeerLeft(Peer peer)
    {
        _unsized.RemoveAll(u => u.Peer == peer);
        var index = _sources.FindIndex(g => g.Peer == peer);
        if (index >= 0)
        {
            Forget(_sources[index]);
            _sources.RemoveAt(index);
        }
    }

    /// <summary>What to ask of whom now.</summary>
    public List<(Peer Peer, int Part)> Ask(long now)
    {
        List<(Peer, int)> requests = [];
        Reconsider(now);
        foreach (var unsized in _unsized.Where(u => u.AskedAt is not { } at || now - at > AskSizeEvery))
        {
            unsized.AskedAt = now;
            requests.Add((unsized.Peer, 0));
        }

        if (_bytes is null)
        {
            return requests;
        }

        foreach (var source in _sources)
        {
            var isSlow = _sources.Count == 1 && now - source.Peer.LastReceivedAt <= Patience; // what comes slowly is not asked for again
            if (source.Asked.Count > 0 && now - source.AskedAt > Patience && !isSlow)
            {
                Forget(source); // silent: others may be asked for the same
                source.HasFailed = true;
                source.IsUseless = _sources.Count > 1;
            }

            if (source.IsUseless || source.Size != _bytes.Length || (_wasWrong && _alone is not null && _alone != source))
            {
                continue;
            }

            if (_wasWrong && _alone is null)
            {
                AskAlone(source);
            }

            AskParts(source, requests, now);
        }

        return requests;
    }

    /// <summary>A part came. The result is the whole dictionary when this was the last part and the hash is right.</summary>
    public byte[]? Received(Peer peer, int part, int totalSize, ReadOnlySpan<byte> data)
    {
        if (part == 0 && _unsized.RemoveAll(u => u.Peer == peer && u.AskedAt is not null) > 0)
        {
            LearnSize(peer, totalSize, data.Length);
            return null;
        }

        var source = _sources.Find(g => g.Peer == peer);
        if (source is null || !source.Asked.Remove(part) || _bytes is null)
        {
            return null;
        }

        _asked[part]--;
        var length = Math.Min(MetadataMessage.PieceLength, _bytes.Length - (part * MetadataMessage.PieceLength));
        if ((totalSize != 0 && totalSize != _bytes.Length) || data.Length != length)
        {
            GiveUp(source);
            return null;
        }

        if (_have[part])
        {
            return null;
        }

        data.CopyTo(_bytes.AsSpan(part * MetadataMessage.PieceLength));
        _have[part] = true;
        return --_missing > 0 ? null : Check(source, _bytes);
    }

    public void Rejected(Peer peer, int part)
    {
        _unsized.RemoveAll(u => u.Peer == peer); // has none; when it has, it says so by another handshake
        if (_sources.Find(g => g.Peer == peer) is { } source && source.Asked.Remove(part))
        {
            _asked[part]--;
            GiveUp(source);
        }
    }

    /// <summary>The first part of a peer says how long the dictionary is; its parts are asked for as those of the others.</summary>
    private void LearnSize(Peer peer, int totalSize, int length)
    {
        var size = totalSize > 0 || length == MetadataMessage.PieceLength ? totalSize : length;
        if (size > 0)
        {
            _sources.Add(new Source(peer, size));
        }
    }

    /// <summary>All parts are here. With a wrong hash they are thrown away, and who gave all of them alone is not asked any more.</summary>
    private byte[]? Check(Source last, byte[] bytes)
    {
        if (InfoHash.Compute(bytes) == infoHash)
        {
            return bytes;
        }

        if (_alone == last || _sources.Count == 1)
        {
            if (_liars.Count < MaxLiars)
            {
                _liars.Add(last.Peer.Remote);
            }

            Wrong = WrongMetadata.Of(infoHash, bytes, _liars.Count);
        }

        last.HasFailed |= _alone == last;
        last.IsUseless |= _alone == last;
        _wasWrong = true;
        _alone = _whole = null;
        _bytes = null;
        _sources.ForEach(static g => g.Asked.Clear());
        return null;
    }

    /// <summary>Settles which size is believed: a liar's must not keep the honest ones out.</summary>
    private void Reconsider(long now)
    {
        if (_sources.Count > 0 && _sources.TrueForAll(g => g.IsUseless && now - g.AskedAt > Patience))
        {
            _sources.ForEach(static g => g.IsUseless = false); // asking again is better than having no peer to wait for
        }

        if (_bytes is not null && _sources.Exists(g => !g.IsUseless && g.Size == _bytes.Length))
        {
            return;
        }

        if (_sources.Find(static g => !g.IsUseless) is { } first)
        {
            _sources.ForEach(Forget);
            Begin(first.Size);
        }
    }

    private void Begin(int size)
    {
        var parts = MetadataMessage.PieceCount(size);
        _bytes = new byte[size];
        _have = new bool[parts];
        _asked = new int[parts];
        _missing = parts;
    }

    private void AskParts(Source source, List<(Peer, int)> requests, long now)
    {
        for (var copies = 0; copies < MaxCopies; copies++)
        {
            for (var part = 0; part < _have.Length && source.Asked.Count < MaxAskedPerPeer; part++)
            {
                if (!_have[part] && _asked[part] == copies && source.Asked.Add(part))
                {
                    _asked[part]++;
                    source.AskedAt = now;
                    requests.Add((source.Peer, part));
                }
            }

            if (source.Asked.Count > 0)
            {
                return; // duplicates are for who would be idle otherwise
            }
        }
    }

    /// <summary>From now on this one gives all of it: the parts of the one before it may be the wrong ones.</summary>
    private void AskAlone(Source source)
    {
        if (_whole != source)
        {
            _sources.ForEach(Forget);
            Begin(source.Size);
        }

        _alone = _whole = source;
    }

    private void GiveUp(Source source)
    {
        source.IsUseless = source.HasFailed = true;
        if (_alone == source)
        {
            _alone = null;
        }
    }

    private void Forget(Source source)
    {
        foreach (var part in source.Asked)
        {
            _asked[part]--;
        }

        source.Asked.Clear();
        if (_alone == source)
        {
            _alone = null;
        }
    }

    private sealed class Unsized(Peer peer)
    {
        public Peer Peer { get; } = peer;

        public long? AskedAt { get; set; }
    }

    private sealed class Source(Peer peer, int size)
    {
        public Peer Peer { get; } = peer;

        public int Size { get; } = size;

        public HashSet<int> Asked { get; } = [];

        public long AskedAt { get; set; }

        public bool IsUseless { get; set; }

        /// <summary>Was silent, rejected or lied, ever: others come before it when not all can be kept.</summary>
        public bool HasFailed { get; set; }
    }
}
