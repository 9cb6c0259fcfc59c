namespace Distribyted.Configuration;

/// <summary>What kind of place gave a value; later ones win.</summary>
internal enum SourceKind
{
    Default,
    File,
    Variable,
    Flag,
}
