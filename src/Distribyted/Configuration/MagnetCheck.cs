using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.Configuration;

/// <summary>Checks a magnet link, or a bare info hash, before anything is started.</summary>
internal static class MagnetCheck
{
    private const string NoHash =
        "no info hash. Expected xt=urn:btih: with 40 hex or 32 base32 characters, or xt=urn:btmh: with 1220 and 64 hex.";

    /// <summary>What is wrong with it, and whether it is only something that this version cannot do; null: nothing.</summary>
    public static (string Problem, bool IsLater)? Check(string text)
    {
        try
        {
            MagnetLink.Parse(text);
            return null;
        }
        catch (ProtocolException exception)
        {
            return exception.Error switch
            {
                ProtocolError.Missing or ProtocolError.Invalid => (NoHash, false),
                ProtocolError.Unsupported => ($"not in this version yet; it is left out. {exception.Message}", true),
                _ => (exception.Message, false),
            };
        }
    }
}
