using BenchmarkDotNet.Attributes;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.Benchmarks;

/// <summary>What a metainfo costs when a sleeping torrent is opened: 4,000 pieces in one file, and 5,000 files in folders.</summary>
[MemoryDiagnoser]
public class MetainfoBenchmarks
{
    private byte[] _film = [];
    private byte[] _folder = [];

    [GlobalSetup]
    public void Write()
    {
        var hashes = new byte[4000 * 20];
        new Random(1).NextBytes(hashes);
        _film = TorrentInfoWriter.WriteFile("film.mkv", 4000L << 20, 1 << 20, hashes).Bytes.ToArray();
        var files = Enumerable.Range(0, 5000).Select(i => new NewTorrentFile([$"folder {i % 100}", $"file {i}.bin"], 800 << 10)).ToList();
        _folder = TorrentInfoWriter.WriteFolder("folder", files, 1 << 20, hashes.AsSpan(0, 3907 * 20)).Bytes.ToArray();
    }

    [Benchmark]
    public TorrentInfo One_file()
    {
        return TorrentInfoReader.Read(_film);
    }

    [Benchmark]
    public TorrentInfo Five_thousand_files()
    {
        return TorrentInfoReader.Read(_folder);
    }
}
