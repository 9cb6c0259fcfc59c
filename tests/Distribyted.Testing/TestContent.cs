using System.Security.Cryptography;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Storage.Pieces;
using NUnit.Framework;

namespace Distribyted.Testing;

/// <summary>A torrent of one file with bytes that a seed decides: the oracle of the storage tests.</summary>
internal sealed class TestContent
{
    private const int Block = PieceLayout.BlockLength;

    public TestContent(long length, int pieceLength, int seed = 1)
    {
        Bytes = new byte[length];
        new Random(seed).NextBytes(Bytes);
        var layout = new PieceLayout(length, pieceLength);
        var hashes = new byte[layout.PieceCount * 20];
        for (var piece = 0; piece < layout.PieceCount; piece++)
        {
            SHA1.HashData(Bytes.AsSpan((int)layout.StartOf(piece), layout.LengthOf(piece)), hashes.AsSpan(piece * 20));
        }

        Info = TorrentInfoWriter.WriteFile($"content-{seed}.bin", length, pieceLength, hashes);
    }

    public byte[] Bytes { get; }

    public TorrentInfo Info { get; }

    public PieceLayout Layout => Info.Layout;

    public ReadOnlySpan<byte> Piece(int piece)
    {
        return Bytes.AsSpan((int)Layout.StartOf(piece), Layout.LengthOf(piece));
    }

    public ReadOnlySpan<byte> BlockOf(int piece, int block)
    {
        return Piece(piece).Slice(block * Block, Layout.BlockLengthOf(piece, block));
    }

    /// <summary>Fills all blocks in order; the last call's answer.</summary>
    public PieceProgress Fill(OpenPiece open)
    {
        var progress = PieceProgress.Filling;
        for (var block = 0; block < Layout.BlockCountOf(open.Piece); block++)
        {
            progress = open.Fill(block, BlockOf(open.Piece, block), 1);
        }

        return progress;
    }

    public async Task<bool> ReadsTrueAsync(ITorrentPieces pieces, int piece, CancellationToken cancellationToken)
    {
        var buffer = new byte[Layout.LengthOf(piece)];
        for (var done = 0; done < buffer.Length; )
        {
            var count = await pieces.ReadAsync(piece, done, buffer.AsMemory(done), cancellationToken);
            if (count == 0)
            {
                return false;
            }

            done += count;
        }

        Assert.That(buffer.AsSpan().SequenceEqual(Piece(piece)), $"piece {piece} has wrong bytes");
        return true;
    }
}
