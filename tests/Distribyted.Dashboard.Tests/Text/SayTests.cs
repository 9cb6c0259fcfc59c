using Distribyted.Dashboard.Text;

namespace Distribyted.Dashboard.Tests.Text;

/// <summary>Numbers in the form for users.</summary>
internal sealed class SayTests
{
    [TestCase(0L, "0 B")]
    [TestCase(-1L, "0 B")]
    [TestCase(999L, "999 B")]
    [TestCase(1000L, "0.98 KiB")]
    [TestCase(1024L, "1 KiB")]
    [TestCase(10_189L, "9.95 KiB")]
    [TestCase(1024L * 1024 * 1280, "1.25 GiB")]
    [TestCase(1023L * 1024 * 1024, "1 GiB")]
    [TestCase(long.MaxValue, "8192 PiB")]
    public void Bytes_have_three_digits_and_a_unit(long bytes, string text)
    {
        Assert.That(Say.Bytes(bytes), Is.EqualTo(text));
    }

    [TestCase(398_000L, "398 kB/s")]
    [TestCase(1_500_000L, "1.5 MB/s")]
    public void Rates_are_in_powers_of_a_thousand(long rate, string text)
    {
        Assert.That(Say.Rate(rate), Is.EqualTo(text));
    }

    [TestCase("waits for metadata", "Waits for metadata.")]
    [TestCase("", "")]
    [TestCase("It is full.", "It is full.")]
    public void A_reason_becomes_a_sentence(string reason, string text)
    {
        Assert.That(Say.Sentence(reason), Is.EqualTo(text));
    }

    [TestCase(0.4, "0 s")]
    [TestCase(59.6, "1 min")]
    [TestCase(125, "2 min 5 s")]
    [TestCase(3600, "1 h")]
    [TestCase(90_000, "1 d 1 h")]
    public void Times_have_their_two_largest_units(double seconds, string text)
    {
        Assert.That(Say.Time(seconds), Is.EqualTo(text));
    }

    [TestCase(0, 100, "0 %")]
    [TestCase(1, 100_000, "1 %")]
    [TestCase(99_999, 100_000, "99 %")]
    [TestCase(100_000, 100_000, "100 %")]
    [TestCase(5, 0, "0 %")]
    public void All_and_nothing_are_said_only_when_they_are_true(long part, long whole, string text)
    {
        Assert.That(Say.Percent(part, whole), Is.EqualTo(text));
    }
}
