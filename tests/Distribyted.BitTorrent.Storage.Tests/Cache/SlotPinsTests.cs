using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Distribyted.BitTorrent.Storage.Cache;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.Testing;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Win32.SafeHandles;

namespace Distribyted.BitTorrent.Storage.Tests.Cache;

/// <summary>Slots that are pinned by real sockets, on whatever disk the temporary folder is.</summary>
[TestFixture, CancelAfter(60_000), Platform("Linux")]
internal sealed partial class SlotPinsTests : StorageFixture
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(3);

    [SetUp]
    public void NeedsADiskThatCanDropPages()
    {
        Assume.That(PageCache.CanDrop(Path.Combine(Folder, "probe")), "the temporary folder is on a disk with a page cache, not tmpfs");
    }

    [Test]
    public async Task What_a_socket_still_holds_is_not_overwritten_and_its_slots_come_back_when_it_is_read(
        CancellationToken cancellationToken
    )
    {
        var old = new TestContent(8.MiB(), 512.KiB(), seed: 1);
        var young = new TestContent(8.MiB(), 512.KiB(), seed: 2);
        var time = new FakeTimeProvider();
        await using var cache = await OpenAsync(Options(10.MiB()) with { PinSlotsFrom = 0 }, cancellationToken, time);
        using (var pieces = cache.Attach(old.Info, new RecordedEvents()))
        {
            await FillAsync(cache, old, pieces, cancellationToken);
            WriteToDisk();
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            using var server = await ConnectAsync(client, cancellationToken);
            var sent = await SendAsync(server, old, pieces, cancellationToken);
            Assert.That(sent, Is.GreaterThan(512.KiB()), "a few slots are in the socket");

            // Everything goes, and as much as may be is written over it.
            cache.Remove(old.Info.InfoHash);
            var events = new RecordedEvents();
            using var others = cache.Attach(young.Info, events);
            await Eventually(
                () => FillAll(young, others) + 1 > 0 && (2 * others.StoredCount) + cache.Quarantine.StillPinned >= 32,
                cancellationToken
            );
            var held = cache.Quarantine.StillPinned;
            var received = await ReceiveAsync(client, sent, cancellationToken);

            Assert.That(received.AsSpan().SequenceEqual(old.Bytes.AsSpan(0, sent)), "the client got other bytes than were sent");
            Assert.That(held, Is.GreaterThanOrEqualTo(sent / 256.KiB() / 2));

            await Eventually(
                () =>
                {
                    time.Advance(Later);
                    return cache.Quarantine.StillPinned == 0;
                },
                cancellationToken
            );
            await Eventually(() => FillAll(young, others) + 1 > 0 && others.StoredCount == young.Layout.PieceCount, cancellationToken);
        }
    }

    [Test]
    public async Task After_a_restart_slots_that_the_last_run_may_have_pinned_are_checked_before_they_are_written(
        CancellationToken cancellationToken
    )
    {
        var content = new TestContent(4.MiB(), 256.KiB());
        var options = Options(6.MiB()) with { PinSlotsFrom = 0 };
        await using (var cache = await OpenAsync(options, cancellationToken))
        {
            using var pieces = cache.Attach(content.Info, new RecordedEvents());
            await FillAsync(cache, content, pieces, cancellationToken);
            (await PinFileAsync(pieces, 0, cancellationToken)).Pin!.Dispose();
        }

        WriteToDisk();
        Assert.That(File.Exists(Path.Combine(Folder, "pieces", SlotQuarantine.MarkFile)));
        await using var again = await OpenAsync(options, cancellationToken);
        using var found = again.Attach(content.Info, new RecordedEvents());
        Assert.That(await content.ReadsTrueAsync(found, 3, cancellationToken));
        again.Remove(content.Info.InfoHash);

        var young = new TestContent(5.MiB(), 256.KiB(), seed: 5);
        using var others = again.Attach(young.Info, new RecordedEvents());
        await Eventually(() => FillAll(young, others) + 1 > 0 && others.StoredCount == young.Layout.PieceCount, cancellationToken);
    }

    [Test]
    public async Task A_cache_that_opens_smaller_writes_over_nothing_that_a_socket_still_holds(CancellationToken cancellationToken)
    {
        var old = new TestContent(4.MiB(), 512.KiB(), seed: 1);
        var young = new TestContent(4.MiB(), 512.KiB(), seed: 2);
        var options = Options(10.MiB()) with { PinSlotsFrom = 0 };
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var server = await ConnectAsync(client, cancellationToken);
        int sent;
        await using (var cache = await OpenAsync(options, cancellationToken))
        {
            using var pieces = cache.Attach(old.Info, new RecordedEvents());
            await FillAsync(cache, old, pieces, cancellationToken);
            WriteToDisk();
            sent = await SendAsync(server, old, pieces, cancellationToken);
            using var others = cache.Attach(young.Info, new RecordedEvents());
            await FillAsync(cache, young, others, cancellationToken);
            cache.Remove(old.Info.InfoHash);
        }

        await using var smaller = await OpenAsync(options with { Size = 7.MiB() }, cancellationToken);
        using var found = smaller.Attach(young.Info, new RecordedEvents());
        var received = await ReceiveAsync(client, sent, cancellationToken);

        Assert.That(received.AsSpan().SequenceEqual(old.Bytes.AsSpan(0, sent)), "the client got other bytes than were sent");
        Assert.That(found.StoredCount, Is.GreaterThan(0));
        foreach (var piece in Enumerable.Range(0, young.Layout.PieceCount).Where(found.Has))
        {
            Assert.That(await young.ReadsTrueAsync(found, piece, cancellationToken));
        }
    }

    [Test]
    public async Task A_probe_that_says_nothing_is_repeated(CancellationToken cancellationToken)
    {
        var content = new TestContent(1.MiB(), 256.KiB());
        var mark = Directory.CreateDirectory(Path.Combine(Folder, "pieces", SlotQuarantine.MarkFile)); // where no file can be
        var time = new FakeTimeProvider();
        await using var cache = await OpenAsync(Options(64.MiB()) with { PinSlotsFrom = 0 }, cancellationToken, time);
        using var pieces = cache.Attach(content.Info, new RecordedEvents());
        await FillAsync(cache, content, pieces, cancellationToken);
        Assert.That(pieces.PinBytes(0, 0, 1000).File, Is.Null);
        await Eventually(() => !cache.Quarantine.IsProbing, cancellationToken);

        mark.Delete();
        await Eventually(
            () =>
            {
                time.Advance(TimeSpan.FromMinutes(1));
                var pinned = pieces.PinBytes(0, 0, 1000);
                pinned.Pin?.Dispose();
                return pinned.File is not null;
            },
            cancellationToken
        );
    }

    [Test]
    public async Task Memory_that_is_pinned_stays_although_the_piece_goes(CancellationToken cancellationToken)
    {
        var content = new TestContent(1.MiB(), 1.MiB());
        await using var cache = await OpenAsync(Options(64.MiB(), hotCache: 16.MiB()), cancellationToken);
        using var pieces = cache.Attach(content.Info, new RecordedEvents());
        content.Fill(pieces.TryOpen(0, urgent: true).Piece!);
        var pinned = pieces.PinBytes(0, 300_000, int.MaxValue);
        cache.Remove(content.Info.InfoHash);

        var other = new TestContent(8.MiB(), 1.MiB(), seed: 7);
        using var others = cache.Attach(other.Info, new RecordedEvents());
        await FillAsync(cache, other, others, cancellationToken);

        Assert.That(pinned.File, Is.Null);
        Assert.That(pinned.Length, Is.EqualTo(512.KiB() - 300_000), "up to the next multiple of 256 KiB");
        Assert.That(pinned.Memory.Span.SequenceEqual(content.Bytes.AsSpan(300_000, (int)pinned.Length)));
        pinned.Pin!.Dispose();
        pinned.Pin.Dispose(); // a second time is nothing
        Assert.That(pieces.PinBytes(0, 0, 1).Length, Is.Zero);
    }

    [TestCase(16 * 1024)]
    [TestCase(100_000)]
    [TestCase(256 * 1024)]
    [TestCase(3 * 1024 * 1024)]
    public async Task Pinned_bytes_are_the_bytes_of_the_piece(int pieceLength, CancellationToken cancellationToken)
    {
        var content = new TestContent((3 * pieceLength) + 777, pieceLength);
        await using var cache = await OpenAsync(Options(64.MiB()) with { PinSlotsFrom = 0 }, cancellationToken);
        using var pieces = cache.Attach(content.Info, new RecordedEvents());
        await FillAsync(cache, content, pieces, cancellationToken);
        await PinFileAsync(pieces, 0, cancellationToken);

        for (var piece = 0; piece < content.Layout.PieceCount; piece++)
        {
            for (var done = 0; done < content.Layout.LengthOf(piece); )
            {
                var pinned = pieces.PinBytes(piece, done, int.MaxValue);
                var bytes = new byte[pinned.Length];
                RandomAccess.Read(pinned.File!, bytes, pinned.Position);
                pinned.Pin!.Dispose();

                Assert.That(pinned.Length, Is.GreaterThan(0));
                Assert.That(bytes.AsSpan().SequenceEqual(content.Piece(piece).Slice(done, pinned.Length)));
                done += pinned.Length;
            }
        }
    }

    [Test]
    public async Task A_small_cache_pins_no_slots(CancellationToken cancellationToken)
    {
        var content = new TestContent(1.MiB(), 256.KiB());
        await using var cache = await OpenAsync(Options(64.MiB()), cancellationToken);
        using var pieces = cache.Attach(content.Info, new RecordedEvents());
        await FillAsync(cache, content, pieces, cancellationToken);

        Assert.That(pieces.PinBytes(0, 0, 1000).Length, Is.Zero);
        Assert.That(File.Exists(Path.Combine(Folder, "pieces", SlotQuarantine.MarkFile)), Is.False);
    }

    /// <summary>Waits until slots can be pinned: the first call finds out whether the disk supports it.</summary>
    private static async Task<PinnedBytes> PinFileAsync(ITorrentPieces pieces, int piece, CancellationToken cancellationToken)
    {
        PinnedBytes pinned = default;
        await Eventually(() => (pinned = pieces.PinBytes(piece, 0, int.MaxValue)).File is not null, cancellationToken);
        return pinned;
    }

    private static async Task FillAsync(PieceCache cache, TestContent content, ITorrentPieces pieces, CancellationToken cancellationToken)
    {
        await Eventually(() => FillAll(content, pieces) + 1 > 0 && pieces.StoredCount == content.Layout.PieceCount, cancellationToken);
        await Eventually(() => cache.Pool.PieceMemoryUsed == 0, cancellationToken);
    }

    /// <summary>Fills every piece that can be opened now; how many.</summary>
    private static int FillAll(TestContent content, ITorrentPieces pieces)
    {
        var filled = 0;
        for (var piece = 0; piece < content.Layout.PieceCount; piece++)
        {
            if (!pieces.Has(piece) && pieces.TryOpen(piece, urgent: true).Piece is { } open)
            {
                content.Fill(open);
                filled++;
            }
        }

        return filled;
    }

    /// <summary>What is not on disk cannot be dropped from memory; the kernel would take 30 s to write it.</summary>
    private void WriteToDisk()
    {
        foreach (var path in Directory.GetFiles(Path.Combine(Folder, "pieces"), "slab-*"))
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            RandomAccess.FlushToDisk(file);
        }
    }

    private static async Task<Socket> ConnectAsync(Socket client, CancellationToken cancellationToken)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        client.ReceiveBufferSize = 64 * 1024;
        await client.ConnectAsync(listener.LocalEndPoint!, cancellationToken);
        var server = await listener.AcceptAsync(cancellationToken);
        server.SendBufferSize = 4 << 20;
        server.Blocking = false;
        return server;
    }

    /// <summary>Sends the file from its start by reference until the socket is full.</summary>
    private static async Task<int> SendAsync(Socket server, TestContent content, ITorrentPieces pieces, CancellationToken cancellationToken)
    {
        var sent = 0;
        (await PinFileAsync(pieces, 0, cancellationToken)).Pin!.Dispose();
        while (sent < content.Bytes.Length)
        {
            var piece = content.Layout.PieceAt(sent);
            var pinned = pieces.PinBytes(piece, (int)(sent - content.Layout.StartOf(piece)), int.MaxValue);
            var position = pinned.Position;
            var count = SendFile(server.SafeHandle, pinned.File!, ref position, (nuint)pinned.Length);
            pinned.Pin!.Dispose();
            if (count <= 0)
            {
                break;
            }

            sent += (int)count;
        }

        return sent;
    }

    private static async Task<byte[]> ReceiveAsync(Socket client, int count, CancellationToken cancellationToken)
    {
        var bytes = new byte[count];
        for (var done = 0; done < count; )
        {
            done += await client.ReceiveAsync(bytes.AsMemory(done), cancellationToken);
        }

        return bytes;
    }

    private static async Task Eventually(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (!condition())
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    [LibraryImport("libc", EntryPoint = "sendfile", SetLastError = true)]
    private static partial nint SendFile(SafeSocketHandle socket, SafeFileHandle file, ref long position, nuint length);
}
