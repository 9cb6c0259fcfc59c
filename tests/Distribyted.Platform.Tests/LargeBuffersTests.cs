namespace Distribyted.Platform.Tests;

[NonParallelizable]
internal sealed class LargeBuffersTests
{
    [TestCase(1, 16)]
    [TestCase(65_536, 65_536)]
    [TestCase(65_537, 131_072)]
    [TestCase(131_072, 131_072)]
    [TestCase(131_073, 262_144)]
    [TestCase(262_144, 262_144)]
    [TestCase(262_145, 524_288)]
    public void A_buffer_has_the_length_that_was_asked_for_or_a_little_more(int length, int expected)
    {
        var buffer = LargeBuffers.Rent(length);

        Assert.That(buffer, Has.Length.EqualTo(expected));
        LargeBuffers.Return(buffer);
    }

    [TestCase(131_072)]
    [TestCase(262_144)]
    public void What_one_thread_gives_back_another_one_uses(int length)
    {
        LargeBuffers.Clear();
        var buffers = new HashSet<byte[]>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < 30; i++)
        {
            var thread = new Thread(() =>
            {
                var buffer = LargeBuffers.Rent(length);
                buffers.Add(buffer);
                LargeBuffers.Return(buffer);
            });
            thread.Start();
            thread.Join();
        }

        Assert.That(buffers, Has.Count.EqualTo(1));
    }

    [Test]
    public void Two_who_rent_never_have_the_same_buffer()
    {
        var first = LargeBuffers.Rent(100_000);
        var second = LargeBuffers.Rent(100_000);

        Assert.That(second, Is.Not.SameAs(first));
        LargeBuffers.Return(first);
        Assert.That(LargeBuffers.Rent(100_000), Is.SameAs(first));
    }
}
