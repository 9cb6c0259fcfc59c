using BenchmarkDotNet.Attributes;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.Benchmarks;

/// <summary>Cutting messages out of what a peer sent: a full receive buffer of blocks, and one of HAVEs.</summary>
[MemoryDiagnoser]
public class WireBenchmarks
{
    private readonly byte[] _blocks = new byte[7 * (PieceLayout.BlockLength + 13)];
    private readonly byte[] _haves = new byte[9 * 10_000];

    [GlobalSetup]
    public void Write()
    {
        for (var i = 0; i < 7; i++)
        {
            PeerMessageWriter.WritePieceHeader(
                _blocks.AsSpan(i * (PieceLayout.BlockLength + 13)),
                3,
                i * PieceLayout.BlockLength,
                PieceLayout.BlockLength
            );
        }

        for (var i = 0; i < 10_000; i++)
        {
            PeerMessageWriter.WriteHave(_haves.AsSpan(i * 9), i);
        }
    }

    [Benchmark(OperationsPerInvoke = 7)]
    public int Blocks()
    {
        return Count(_blocks);
    }

    [Benchmark(OperationsPerInvoke = 10_000)]
    public int Haves()
    {
        return Count(_haves);
    }

    private static int Count(ReadOnlySpan<byte> bytes)
    {
        var count = 0;
        while (PeerMessageReader.TryRead(bytes, out _, out var consumed))
        {
            bytes = bytes[consumed..];
            count++;
        }

        return count;
    }
}
