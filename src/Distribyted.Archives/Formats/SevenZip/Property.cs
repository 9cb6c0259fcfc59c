namespace Distribyted.Archives.Formats.SevenZip;

/// <summary>The numbers that say what comes next in a 7z header.</summary>
internal enum Property
{
    End = 0,
    Header = 1,
    ArchiveProperties = 2,
    AdditionalStreams = 3,
    MainStreams = 4,
    Files = 5,
    PackInfo = 6,
    UnpackInfo = 7,
    SubStreams = 8,
    Size = 9,
    Crc = 10,
    Folder = 11,
    CodersUnpackSize = 12,
    NumUnpackStream = 13,
    EmptyStream = 14,
    EmptyFile = 15,
    Anti = 16,
    Names = 17,
    ModifiedTime = 20,
    Attributes = 21,
    EncodedHeader = 23,
}
