using System.Buffers;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Tests.Peers;

internal sealed class PeerOutboxTests
{
    private static readonly UploadRequest A = new(1, 0, PieceLayout.BlockLength);
    private static readonly UploadRequest B = new(1, PieceLayout.BlockLength, PieceLayout.BlockLength);
    private static readonly UploadRequest C = new(2, 0, 1);

    private PeerOutbox _outbox = null!;

    [SetUp]
    public void Empty()
    {
        _outbox = new PeerOutbox();
    }

    // messages, made later, uploads: is empty, has messages, has uploads
    [TestCase(0, 0, 0, true, false, false, TestName = "Holds_nothing")]
    [TestCase(1, 0, 0, false, true, false, TestName = "Holds_a_message")]
    [TestCase(0, 1, 0, false, true, false, TestName = "Holds_a_message_that_is_made_later")]
    [TestCase(0, 0, 1, false, false, true, TestName = "Holds_a_block_which_a_rate_limit_may_hold_back")]
    [TestCase(1, 1, 1, false, true, true, TestName = "Holds_all_of_them")]
    public void What_it_holds(int messages, int later, int uploads, bool isEmpty, bool hasMessages, bool hasUploads)
    {
        _outbox.Append(new byte[messages]);
        Enumerable.Range(0, later).ToList().ForEach(_ => _outbox.EnqueueLater(static () => []));
        Enumerable.Range(0, uploads).ToList().ForEach(_ => _outbox.Enqueue(A));

        Assert.That((_outbox.IsEmpty, _outbox.HasMessages, _outbox.HasUploads), Is.EqualTo((isEmpty, hasMessages, hasUploads)));

        _outbox.TakePending();
        _outbox.TryTakeLater(out _);
        _outbox.CancelAll();

        Assert.That((_outbox.IsEmpty, _outbox.HasMessages, _outbox.HasUploads), Is.EqualTo((true, false, false)));
    }

    [TestCase(1, TestName = "Messages_of_a_byte_keep_their_order")]
    [TestCase(1023, TestName = "Messages_just_below_the_first_buffer_keep_their_order")]
    [TestCase(5000, TestName = "Messages_larger_than_the_first_buffer_keep_their_order")]
    public void Messages_are_sent_whole_and_in_order(int length)
    {
        var messages = Enumerable.Range(1, 5).Select(n => Enumerable.Repeat((byte)n, length).ToArray()).ToList();

        messages.ForEach(m => _outbox.Append(m));

        Assert.That(_outbox.TakePending().ToArray(), Is.EqualTo(messages.SelectMany(static m => m)));
        Assert.That(_outbox.TakePending().Length, Is.Zero);
    }

    [Test]
    public void What_the_sender_took_does_not_change_while_more_is_queued()
    {
        _outbox.Append([1, 2]);
        var taken = _outbox.TakePending();

        _outbox.Append([3, 4]);

        Assert.That(taken.ToArray(), Is.EqualTo(new byte[] { 1, 2 }));
        Assert.That(_outbox.TakePending().ToArray(), Is.EqualTo(new byte[] { 3, 4 }));
    }

    [TestCase(0, 0, ExpectedResult = false, TestName = "Overfull_with_nothing")]
    [TestCase(0, 65_535, ExpectedResult = false, TestName = "Overfull_with_one_byte_less")]
    [TestCase(0, 65_536, ExpectedResult = false, TestName = "Overfull_with_exactly_64_KiB")]
    [TestCase(0, 65_537, ExpectedResult = true, TestName = "Overfull_with_one_byte_more")]
    [TestCase(250_000, 65_536, ExpectedResult = false, TestName = "Overfull_does_not_count_the_introduction")]
    [TestCase(250_000, 65_537, ExpectedResult = true, TestName = "Overfull_with_one_byte_more_than_the_introduction")]
    [TestCase(0, 524_289, ExpectedResult = false, TestName = "Overfull_is_not_caused_by_a_message_that_was_not_kept")]
    public bool Overfull_after(int introduction, int messages)
    {
        _outbox.AppendIntroduction(new byte[introduction]);
        _outbox.Append(new byte[messages]);
        var isOverfull = _outbox.IsOverfull;

        _outbox.TakePending();

        Assert.That(_outbox.IsOverfull, Is.False, "the sender took it");
        return isOverfull;
    }

    [Test]
    public void The_introduction_is_allowed_for_until_the_sender_took_it()
    {
        _outbox.AppendIntroduction(new byte[250_000]);
        _outbox.TakePending();

        _outbox.Append(new byte[65_537]);

        Assert.That(_outbox.IsOverfull);
    }

    [TestCase(false, false, TestName = "Buffers_go_back_when_the_connection_ends")]
    [TestCase(true, false, TestName = "Buffers_go_back_when_the_sender_asks_for_more_after_the_end")]
    [TestCase(true, true, TestName = "Buffers_go_back_when_sending_fails")]
    public void Buffers_go_back(bool isSending, bool fails)
    {
        var pool = new CountingPool();
        var outbox = new PeerOutbox(pool);
        outbox.Append(new byte[5000]);
        if (isSending)
        {
            outbox.TakePending();
        }

        outbox.Close();

        Assert.That(pool.Rented, Is.EqualTo(isSending ? 1 : 0), "the sender still uses one");
        if (isSending)
        {
            if (fails)
            {
                outbox.ReturnTaken();
            }
            else
            {
                outbox.TakePending();
            }
        }

        outbox.Close();
        outbox.Append([1]);
        Assert.That(pool.Rented, Is.Zero);
        Assert.That(outbox.TakePending().Length, Is.Zero);
    }

    [TestCase(524_287, ExpectedResult = 524_288, TestName = "Kept_up_to_512_KiB")]
    [TestCase(524_288, ExpectedResult = 524_288, TestName = "Kept_no_byte_more_than_512_KiB")]
    public int Kept_of_a_flood(int before)
    {
        _outbox.Append(new byte[before]);

        _outbox.Append([1]);

        Assert.That(_outbox.IsOverfull);
        return _outbox.TakePending().Length;
    }

    [TestCase(511, ExpectedResult = true, TestName = "Request_number_512_is_kept")]
    [TestCase(512, ExpectedResult = false, TestName = "Request_number_513_is_rejected")]
    public bool Next_request_after(int requests)
    {
        for (var i = 0; i < requests; i++)
        {
            Assert.That(_outbox.Enqueue(A));
        }

        var isKept = _outbox.Enqueue(B);

        Assert.That(_outbox.CancelAll(), Has.Count.EqualTo(PeerOutbox.MaxUploads));
        Assert.That(_outbox.Enqueue(B), "there is space again");
        return isKept;
    }

    [TestCase(63, ExpectedResult = true, TestName = "Later_message_number_64_is_kept")]
    [TestCase(64, ExpectedResult = false, TestName = "Later_message_number_65_is_rejected")]
    public bool Next_later_message_after(int messages)
    {
        for (var i = 0; i < messages; i++)
        {
            Assert.That(_outbox.EnqueueLater(static () => []));
        }

        var isKept = _outbox.EnqueueLater(static () => []);

        _outbox.TryTakeLater(out _);
        Assert.That(_outbox.EnqueueLater(static () => []), "there is space again");
        return isKept;
    }

    [Test]
    public void A_later_message_is_made_by_the_sender_and_in_order()
    {
        var made = new List<int>();
        for (var i = 1; i <= 2; i++)
        {
            var number = i;
            _outbox.EnqueueLater(() =>
            {
                made.Add(number);
                return [];
            });
        }

        Assert.That(made, Is.Empty);

        while (_outbox.TryTakeLater(out var message))
        {
            message();
        }

        Assert.That(made, Is.EqualTo(new[] { 1, 2 }));
    }

    [TestCaseSource(nameof(Cancels))]
    public void A_cancel_takes_back_one_block_and_keeps_the_order(
        UploadRequest[] queued,
        UploadRequest cancelled,
        bool isFound,
        UploadRequest[] left
    )
    {
        Array.ForEach(queued, r => _outbox.Enqueue(r));

        Assert.That(_outbox.Cancel(cancelled), Is.EqualTo(isFound));
        Assert.That(_outbox.CancelAll(), Is.EqualTo(left));
    }

    [TestCase(0, TestName = "Takes_no_block_into_no_space")]
    [TestCase(1, TestName = "Takes_the_first_block")]
    [TestCase(3, TestName = "Takes_all_blocks")]
    [TestCase(8, TestName = "Takes_all_blocks_when_there_is_more_space")]
    public void Takes_blocks_in_order(int space)
    {
        UploadRequest[] queued = [A, B, C];
        Array.ForEach(queued, r => _outbox.Enqueue(r));
        var destination = new UploadRequest[space];

        var count = _outbox.TakeUploads(destination);

        Assert.That(count, Is.EqualTo(Math.Min(space, 3)));
        Assert.That(destination[..count], Is.EqualTo(queued[..count]));
        Assert.That(_outbox.CancelAll(), Is.EqualTo(queued[count..]));
    }

    private static IEnumerable<TestCaseData> Cancels()
    {
        yield return Case("of_the_first", [A, B, C], A, true, [B, C]);
        yield return Case("of_one_in_the_middle", [A, B, C], B, true, [A, C]);
        yield return Case("of_the_last", [A, B, C], C, true, [A, B]);
        yield return Case("of_a_block_that_was_asked_for_twice", [A, B, A], A, true, [B, A]);
        yield return Case("of_a_block_that_is_gone", [A, B], C, false, [A, B]);
        yield return Case("with_another_length", [A, B], A with { Length = 1 }, false, [A, B]);
        yield return Case("of_nothing", [], A, false, []);

        static TestCaseData Case(string name, UploadRequest[] queued, UploadRequest cancelled, bool isFound, UploadRequest[] left)
        {
            return new TestCaseData(queued, cancelled, isFound, left).SetName($"Cancel_{name}");
        }
    }

    private sealed class CountingPool : ArrayPool<byte>
    {
        public int Rented { get; private set; }

        public override byte[] Rent(int minimumLength)
        {
            Rented++;
            return new byte[minimumLength];
        }

        public override void Return(byte[] array, bool clearArray = false)
        {
            Rented--;
        }
    }
}
