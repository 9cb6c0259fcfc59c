using Distribyted.BitTorrent.Transport;

namespace Distribyted.Tests.Configuration;

/// <summary>What each value does is in the tests of the engine.</summary>
internal sealed class EncryptionKeyTests
{
    [TestCase("", EncryptionMode.Prefer)]
    [TestCase("torrent: {encryption: prefer}", EncryptionMode.Prefer)]
    [TestCase("torrent: {encryption: require}", EncryptionMode.Require)]
    [TestCase("torrent: {encryption: disable}", EncryptionMode.Disable)]
    public void Each_word_sets_its_mode(string yaml, EncryptionMode mode)
    {
        var configured = Given.File(yaml);

        Assert.That(configured.Mistakes(), Is.Empty);
        Assert.That(configured.Warnings(), Is.Empty);
        Assert.That(configured.Settings.Engine.Transport.Encryption, Is.EqualTo(mode));
    }

    [TestCase("required")]
    [TestCase("true")]
    public void Another_word_ends_the_start(string word)
    {
        var configured = Given.File($"torrent: {{encryption: {word}}}");

        Assert.That(configured.Report.Mistakes.Single().Key, Is.EqualTo("torrent.encryption"));
    }
}
