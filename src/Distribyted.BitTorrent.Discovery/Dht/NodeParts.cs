using Distribyted.BitTorrent.Protocol.Dht;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>The parts of a node. All are guarded by its lock, and name each other in one direction.</summary>
internal sealed class NodeParts
{
    /// <param name="node">Is told what its owner wants to know.</param>
    /// <param name="services">What both families share.</param>
    /// <param name="nodeLock">The lock of the node.</param>
    /// <param name="self">Our id.</param>
    /// <param name="timer">Fires when something is due.</param>
    public NodeParts(DhtNode node, DhtNodeServices services, Lock nodeLock, NodeId self, ITimer timer)
    {
        var isIPv6 = node.IsIPv6;
        Table = new RoutingTable(self);
        Answers = new QueryAnswers(Table, services.Budget, services.Counters);
        Due = new DueQueue(nodeLock, timer);
        Health = new NodeHealth(nodeLock, isIPv6 ? "IPv6" : "IPv4", services.Logger, Reachability);
        Queries = new NodeQueries(nodeLock, Table, Reachability, Due);
        Checks = new TableChecks(nodeLock, Table, Queries, Due);
        Searches = new Searches(nodeLock, isIPv6, services.Guard, Table, Answers.Peers, Queries, Checks, Due);
        Lookups = new TableLookups(nodeLock, Table, Health, Searches);
        Upkeep = new TableUpkeep(
            nodeLock,
            Table,
            Health,
            Queries,
            Checks,
            Lookups,
            Due,
            bootstrapWanted: () => services.Owner.BootstrapWanted(node),
            saveWanted: services.Owner.SaveWanted
        );
    }

    public RoutingTable Table { get; }

    public QueryAnswers Answers { get; }

    public Reachability Reachability { get; } = new();

    public DueQueue Due { get; }

    public NodeHealth Health { get; }

    public NodeQueries Queries { get; }

    public TableChecks Checks { get; }

    public Searches Searches { get; }

    public TableLookups Lookups { get; }

    public TableUpkeep Upkeep { get; }
}
