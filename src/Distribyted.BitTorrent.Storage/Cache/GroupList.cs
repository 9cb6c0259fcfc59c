namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Groups in the order of their last use; the links lie in the groups.</summary>
internal sealed class GroupList
{
    public CacheGroup? Newest { get; private set; }

    public CacheGroup? Oldest { get; private set; }

    public void AddNewest(CacheGroup group)
    {
        group.List = this;
        group.Older = Newest;
        group.Newer = null;
        if (Newest is null)
        {
            Oldest = group;
        }
        else
        {
            Newest.Newer = group;
        }

        Newest = group;
    }

    public void Remove(CacheGroup group)
    {
        if (group.Newer is null)
        {
            Newest = group.Older;
        }
        else
        {
            group.Newer.Older = group.Older;
        }

        if (group.Older is null)
        {
            Oldest = group.Newer;
        }
        else
        {
            group.Older.Newer = group.Newer;
        }

        group.List = null;
        group.Newer = null;
        group.Older = null;
    }
}
