using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Storage.Cache;
using Distribyted.BitTorrent.Storage.Pieces;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.Benchmarks;

/// <summary>A piece's way into the cache (copy, hash, publish) and a warm read of 256 KiB out of it, from memory and from disk.</summary>
[MemoryDiagnoser]
public class PieceCacheBenchmarks : IPieceEvents
{
    private const int PieceLength = 1 << 20;
    private const int Pieces = 64;

    private readonly byte[] _content = new byte[PieceLength];
    private readonly byte[] _destination = new byte[256 * 1024];
    private readonly SemaphoreSlim _stored = new(0);
    private string _folder = "";
    private PieceCache _cache = null!;
    private ITorrentPieces _pieces = null!;
    private TorrentInfo _info = null!;
    private int _next;
    private int _read;

    /// <summary>MB of verified pieces kept in memory; 0: every read goes to the disk's cache.</summary>
    [Params(0, 128)]
    public int HotCache { get; set; }

    [GlobalSetup]
    public async Task OpenAsync()
    {
        new Random(1).NextBytes(_content);
        var hashes = new byte[Pieces * 20];
        for (var piece = 0; piece < Pieces; piece++)
        {
            SHA1.HashData(_content, hashes.AsSpan(piece * 20));
        }

        _info = TorrentInfoWriter.WriteFile("film.mkv", (long)Pieces * PieceLength, PieceLength, hashes);
        _folder = Directory.CreateTempSubdirectory("distribyted-benchmark-").FullName;
        var options = new CacheOptions
        {
            Folder = Path.Combine(_folder, "pieces"),
            Size = 256L << 20,
            PieceMemory = 64L << 20,
            HotCache = (long)HotCache << 20,
        };
        _cache = await PieceCache.OpenAsync(options, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        _pieces = _cache.Attach(_info, this);
        for (var piece = 0; piece < Pieces; piece++)
        {
            await FillAsync(piece);
        }

        _next = Pieces; // all are there: the first to be filled begins anew
    }

    [GlobalCleanup]
    public async Task CloseAsync()
    {
        _pieces.Dispose();
        await _cache.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark]
    public async Task Fill_and_store_1_MiB()
    {
        if (_next == Pieces)
        {
            _pieces.Dispose();
            _cache.Remove(_info.InfoHash);
            _pieces = _cache.Attach(_info, this);
            _next = 0;
        }

        await FillAsync(_next++);
    }

    [Benchmark]
    public async Task<int> Read_256_KiB()
    {
        _read++;
        return await _pieces.ReadAsync(_read % Pieces, _read / Pieces % 4 * _destination.Length, _destination, CancellationToken.None);
    }

    void IPieceEvents.PieceStored(int piece)
    {
        _stored.Release();
    }

    void IPieceEvents.PieceGone(int piece) { }

    void IPieceEvents.SpaceFreed() { }

    void IPieceEvents.SpaceWanted(bool isOverdue) { }

    private async Task FillAsync(int piece)
    {
        var open = _pieces.TryOpen(piece, urgent: true).Piece ?? throw new InvalidOperationException("There is space for all of them.");
        for (var block = 0; block < _info.Layout.BlockCountOf(piece); block++)
        {
            open.Fill(block, _content.AsSpan(block * PieceLayout.BlockLength, PieceLayout.BlockLength), 1);
        }

        await _stored.WaitAsync();
    }
}
