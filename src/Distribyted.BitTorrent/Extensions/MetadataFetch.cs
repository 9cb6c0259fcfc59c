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
    private const long Patience = 3 * MonotonicClock.Second;
    private const long AskSizeEvery = 10 * MonotonicClock.Second;

    private readonly List<Giver> _givers = [];
    private readonly List<Unsized> _unsized = [];
    private byte[]? _bytes;
    private bool[] _have = [];
    private int[] _asked = [];
    private int _missing;
    private Giver? _alone; // after a wrong hash: the one that is asked
    private Giver? _whole; // after a wrong hash: the one peer whose parts are taken
    private bool _wasWrong;

    /// <summary>An extension handshake of a peer came, the first or a later one: it may have the metadata, or have it no longer.</summary>
    public void HandshakeReceived(Peer peer)
    {
        var size = peer.Extensions is { } said && said.IdOf(MetadataExtension.ExtensionName) > 0 ? said.MetadataSize ?? 0 : -1;
        if (_givers.Exists(g => g.Peer == peer && g.Size == size) || _unsized.Exists(u => u.Peer == peer && size == 0))
        {
            return;
        }

        PeerLeft(peer);
        if (size > 0)
        {
            _givers.Add(new Giver(peer, size));
        }
        else if (size == 0)
        {
            _unsized.Add(new Unsized(peer));
        }
    }

    /// <summary>Whether the metadata may come from this peer: it says that it has it, and has not failed yet.</summary>
    public bool MayServe(Peer peer)
    {
        return _givers.Exists(g => g.Peer == peer && !g.HasFailed);
    }

    public void PeerLeft(Peer peer)
    {
        _unsized.RemoveAll(u => u.Peer == peer);
        var index = _givers.FindIndex(g => g.Peer == peer);
        if (index >= 0)
        {
            Forget(_givers[index]);
            _givers.RemoveAt(index);
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

        foreach (var giver in _givers)
        {
            var isSlow = _givers.Count == 1 && now - giver.Peer.LastReceivedAt <= Patience; // what comes slowly is not asked for again
            if (giver.Asked.Count > 0 && now - giver.AskedAt > Patience && !isSlow)
            {
                Forget(giver); // silent: others may be asked for the same
                giver.HasFailed = true;
                giver.IsUseless = _givers.Count > 1;
            }

            if (giver.IsUseless || giver.Size != _bytes.Length || (_wasWrong && _alone is not null && _alone != giver))
            {
                continue;
            }

            if (_wasWrong && _alone is null)
            {
                AskAlone(giver);
            }

            AskParts(giver, requests, now);
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

        var giver = _givers.Find(g => g.Peer == peer);
        if (giver is null || !giver.Asked.Remove(part) || _bytes is null)
        {
            return null;
        }

        _asked[part]--;
        var length = Math.Min(MetadataMessage.PieceLength, _bytes.Length - (part * MetadataMessage.PieceLength));
        if ((totalSize != 0 && totalSize != _bytes.Length) || data.Length != length)
        {
            GiveUp(giver);
            return null;
        }

        if (_have[part])
        {
            return null;
        }

        data.CopyTo(_bytes.AsSpan(part * MetadataMessage.PieceLength));
        _have[part] = true;
        return --_missing > 0 ? null : Check(giver, _bytes);
    }

    public void Rejected(Peer peer, int part)
    {
        _unsized.RemoveAll(u => u.Peer == peer); // has none; when it has, it says so by another handshake
        if (_givers.Find(g => g.Peer == peer) is { } giver && giver.Asked.Remove(part))
        {
            _asked[part]--;
            GiveUp(giver);
        }
    }

    /// <summary>The first part of a peer says how long the dictionary is; its parts are asked for as those of the others.</summary>
    private void LearnSize(Peer peer, int totalSize, int length)
    {
        var size = totalSize > 0 || length == MetadataMessage.PieceLength ? totalSize : length;
        if (size > 0)
        {
            _givers.Add(new Giver(peer, size));
        }
    }

    /// <summary>All parts are here. With a wrong hash they are thrown away, and who gave all of them alone is not asked any more.</summary>
    private byte[]? Check(Giver last, byte[] bytes)
    {
        if (InfoHash.Compute(bytes) == infoHash)
        {
            return bytes;
        }

        last.HasFailed |= _alone == last;
        last.IsUseless |= _alone == last;
        _wasWrong = true;
        _alone = _whole = null;
        _bytes = null;
        _givers.ForEach(static g => g.Asked.Clear());
        return null;
    }

    /// <summary>Settles which size is believed: a liar's must not keep the honest ones out.</summary>
    private void Reconsider(long now)
    {
        if (_givers.Count > 0 && _givers.TrueForAll(g => g.IsUseless && now - g.AskedAt > Patience))
        {
            _givers.ForEach(static g => g.IsUseless = false); // asking again is better than having no peer to wait for
        }

        if (_bytes is not null && _givers.Exists(g => !g.IsUseless && g.Size == _bytes.Length))
        {
            return;
        }

        if (_givers.Find(static g => !g.IsUseless) is { } first)
        {
            _givers.ForEach(Forget);
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

    private void AskParts(Giver giver, List<(Peer, int)> requests, long now)
    {
        for (var copies = 0; copies < MaxCopies; copies++)
        {
            for (var part = 0; part < _have.Length && giver.Asked.Count < MaxAskedPerPeer; part++)
            {
                if (!_have[part] && _asked[part] == copies && giver.Asked.Add(part))
                {
                    _asked[part]++;
                    giver.AskedAt = now;
                    requests.Add((giver.Peer, part));
                }
            }

            if (giver.Asked.Count > 0)
            {
                return; // duplicates are for who would be idle otherwise
            }
        }
    }

    /// <summary>From now on this one gives all of it: the parts of the one before it may be the wrong ones.</summary>
    private void AskAlone(Giver giver)
    {
        if (_whole != giver)
        {
            _givers.ForEach(Forget);
            Begin(giver.Size);
        }

        _alone = _whole = giver;
    }

    private void GiveUp(Giver giver)
    {
        giver.IsUseless = giver.HasFailed = true;
        if (_alone == giver)
        {
            _alone = null;
        }
    }

    private void Forget(Giver giver)
    {
        foreach (var part in giver.Asked)
        {
            _asked[part]--;
        }

        giver.Asked.Clear();
        if (_alone == giver)
        {
            _alone = null;
        }
    }

    private sealed class Unsized(Peer peer)
    {
        public Peer Peer { get; } = peer;

        public long? AskedAt { get; set; }
    }

    private sealed class Giver(Peer peer, int size)
    {
        public Peer Peer { get; } = peer;

        public int Size { get; } = size;

        public HashSet<int> Asked { get; } = [];

        public long AskedAt { get; set; }

        public bool IsUseless { get; set; }

        /// <summary>Was silent, rejected or lied, ever: others come before it when there is no room for all.</summary>
        public bool HasFailed { get; set; }
    }
}
