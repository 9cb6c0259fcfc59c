using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Storage.Assembly;
using Distribyted.BitTorrent.Storage.Pieces;

namespace Distribyted.Benchmarks;

/// <summary>All blocks of one piece copied and hashed in place; nothing may be allocated per block.</summary>
[MemoryDiagnoser]
public class PieceAssemblyBenchmarks
{
    private const int PieceLength = 1 << 20;

    private readonly byte[] _content = new byte[PieceLength];
    private readonly ExtentPool _pool = new(16L << 20, 0);
    private readonly Destination _destination = new();
    private byte[] _hash = [];

    [GlobalSetup]
    public void MakeContent()
    {
        new Random(1).NextBytes(_content);
        _hash = SHA1.HashData(_content);
    }

    [Benchmark]
    public int Fill_1_MiB()
    {
        var piece = new PieceAssembly(0, _hash, new PieceBuffer(_pool, PieceLength, PieceLength), spills: false, _destination);
        var progress = PieceProgress.Filling;
        for (var block = 0; block < PieceLength / PieceLayout.BlockLength; block++)
        {
            progress = piece.Fill(block, _content.AsSpan(block * PieceLayout.BlockLength, PieceLayout.BlockLength), 1);
        }

        return (int)progress;
    }

    private sealed class Destination : IPieceDestination
    {
        public void Spill(PieceAssembly piece, int offset, ReadOnlySpan<byte> data) { }

        public void Verified(PieceAssembly piece)
        {
            piece.Buffer.Release();
        }

        public void Discarded(PieceAssembly piece) { }
    }
}
