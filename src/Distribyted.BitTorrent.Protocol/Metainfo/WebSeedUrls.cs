using System.Globalization;
using System.Text;

namespace Distribyted.BitTorrent.Protocol.Metainfo;

/// <summary>Where the files of a torrent are on one web seed (BEP 19). Immutable.</summary>
/// <remarks>A torrent of a single file is at the address itself, or below it by its name when the address ends in <c>/</c>. Of other torrents each file is
/// below the address by the torrent's name and the file's path. Every byte of a name that RFC 3986 does not call unreserved is percent-encoded.</remarks>
public sealed class WebSeedUrls
{
    private readonly string _start; // of all addresses, up to the last "/"
    private readonly string _query;
    private readonly string? _only; // of a torrent of a single file
    private readonly byte[] _name;
    private readonly IReadOnlyList<byte[][]> _files;

    /// <param name="seed">The address of the web seed, http or https.</param>
    /// <param name="info">The torrent.</param>
    public WebSeedUrls(Uri seed, TorrentInfo info)
    {
        _query = seed.Query;
        _start = seed.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        _only = info.IsSingleFile && !_start.EndsWith('/') ? _start : null;
        _start += _start.EndsWith('/') ? "" : "/";
        (_name, _files) = WebSeedPaths.Read(info);
    }

    /// <summary>The address of a file; null: it has none, because a name of it is empty, <c>.</c> or <c>..</c>, which means something else in an address.</summary>
    /// <param name="file">Which, in the order of <see cref="TorrentInfo.Files"/>.</param>
    public Uri? Of(int file)
    {
        if (_only is not null)
        {
            return new Uri(_only + _query);
        }

        var text = new StringBuilder(_start);
        if (!TryAppend(text, _name))
        {
            return null;
        }

        foreach (var name in _files[file])
        {
            text.Append('/');
            if (!TryAppend(text, name))
            {
                return null;
            }
        }

        return Uri.TryCreate(text.Append(_query).ToString(), UriKind.Absolute, out var uri) ? uri : null;
    }

    private static bool TryAppend(StringBuilder text, ReadOnlySpan<byte> name)
    {
        if (name.Length == 0 || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
        {
            return false;
        }

        foreach (var b in name)
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~')
            {
                text.Append((char)b);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
            }
        }

        return true;
    }
}
