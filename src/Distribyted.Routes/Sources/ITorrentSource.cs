namespace Distribyted.Routes.Sources;

/// <summary>Something that names torrents: the configuration, a watched folder. What it no longer names is removed.</summary>
internal interface ITorrentSource
{
    /// <summary>For logs.</summary>
    string Name { get; }

    /// <summary>Whether torrents of this route and origin come from it, so that those it does not name may be removed once it has reported.</summary>
    bool Answers(string route, string origin);

    /// <summary>Whether it names something of this route that it has not been able to read since the start, so that nothing of it may be removed.</summary>
    bool MayKnowMore(string route)
    {
        return false;
    }

    /// <summary>The watched folder as it was when it was looked at last; null when the source is none.</summary>
    FolderFacts? Folder => null;

    /// <summary>Each item is the whole of what it names, at first and after each change. Yields nothing while it cannot know (a folder that is
    /// not there), so that a late network drive does not empty a route.</summary>
    IAsyncEnumerable<IReadOnlyList<WantedTorrent>> WatchAsync(CancellationToken cancellationToken);
}
