using Distribyted.BitTorrent.Swarms;
using Distribyted.FileSystem;
using Distribyted.Routes.Tree;

namespace Distribyted.Routes.Tests.Tree;

internal sealed class TorrentFileReaderTests
{
    [TestCase(TorrentFailure.ReadTimeout, ExpectedResult = FileSystemFailure.Unavailable)]
    [TestCase(TorrentFailure.MetadataTimeout, ExpectedResult = FileSystemFailure.Unavailable)]
    [TestCase(
        TorrentFailure.Closing,
        ExpectedResult = FileSystemFailure.Unavailable,
        TestName = "A_read_that_the_end_of_the_session_cut_may_be_tried_again"
    )]
    [TestCase(TorrentFailure.Removed, ExpectedResult = FileSystemFailure.Removed)]
    [TestCase(TorrentFailure.NoSpace, ExpectedResult = FileSystemFailure.NoSpace)]
    [TestCase(TorrentFailure.InvalidTorrent, ExpectedResult = FileSystemFailure.Corrupt)]
    public FileSystemFailure Failures_of_the_engine_are_those_of_a_file_system(TorrentFailure failure)
    {
        return TorrentFileReader.Translate(new TorrentException(failure, "for the test")).Failure;
    }
}
