using System.Net;

namespace Distribyted.BitTorrent.Discovery.Trackers.Udp;

/// <summary>What was asked over a <see cref="UdpTrackerSocket"/>, and what counts as its answer: a datagram from the same address and port, with the
/// same transaction, of the right shape. Others may be late, forged or of a broken tracker; the answer may come behind them.</summary>
internal sealed class UdpQuestion(IPEndPoint server, uint transaction, UdpAnswerCheck isAnswer)
{
    public IPEndPoint Server { get; } = server;

    public uint Transaction { get; } = transaction;

    public UdpAnswerCheck IsAnswer { get; } = isAnswer;

    public TaskCompletionSource<byte[]> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
