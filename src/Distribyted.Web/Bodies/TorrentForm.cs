using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Distribyted.Web.Bodies;

/// <summary>The fields <c>torrent</c> and <c>magnet</c> of a form (RFC 7578), kept in memory: the framework's own reader puts whatever is longer than 64 KiB
/// into the system's temporary folder, which a small container need not have.</summary>
/// <param name="Torrents">The files, in the order of the form.</param>
/// <param name="Magnets">The texts, in the order of the form.</param>
internal sealed record TorrentForm(IReadOnlyList<byte[]> Torrents, IReadOnlyList<string> Magnets)
{
    private const int MaxFields = 1000;
    private const int MaxBoundary = 70; // RFC 2046 section 5.1.1

    /// <summary>The last file; null: there was none.</summary>
    public byte[]? Torrent => Torrents.Count > 0 ? Torrents[^1] : null;

    /// <summary>The last text; null: there was none.</summary>
    public string? Magnet => Magnets.Count > 0 ? Magnets[^1] : null;

    /// <summary>Reads the whole form; other fields are passed over.</summary>
    /// <param name="request">Its type begins with <c>multipart/form-data</c>.</param>
    /// <param name="mostTorrent">Bytes of the file.</param>
    /// <param name="mostMagnet">Bytes of the text.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidDataException">It is not a form, or it breaks off.</exception>
    /// <exception cref="BadHttpRequestException">413: a field is longer than that.</exception>
    public static async Task<TorrentForm> ReadAsync(
        HttpRequest request,
        long mostTorrent,
        long mostMagnet,
        CancellationToken cancellationToken
    )
    {
        var boundary = MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            ? HeaderUtilities.RemoveQuotes(type.Boundary).Value
            : null;
        if (boundary is not { Length: > 0 and <= MaxBoundary })
        {
            throw new InvalidDataException("Content-Type has no boundary of 1 to 70 characters.");
        }

        List<byte[]> torrents = [];
        List<string> magnets = [];
        var reader = new MultipartReader(boundary, request.Body);
        for (var field = 0; await NextAsync(reader, cancellationToken) is { } section; field++)
        {
            if (field == MaxFields)
            {
                throw new InvalidDataException($"It has more than {MaxFields} fields.");
            }

            var name = section.GetContentDispositionHeader()?.Name;
            switch (HeaderUtilities.RemoveQuotes(name ?? default).Value)
            {
                case "torrent":
                    torrents.Add(await ReadAsync(section, mostTorrent, cancellationToken));
                    break;
                case "magnet":
                    magnets.Add(Encoding.UTF8.GetString(await ReadAsync(section, mostMagnet, cancellationToken)));
                    break;
            }
        }

        return new TorrentForm(torrents, magnets);
    }

    private static async Task<MultipartSection?> NextAsync(MultipartReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadNextSectionAsync(cancellationToken);
        }
        catch (IOException exception) when (exception is not BadHttpRequestException)
        {
            throw new InvalidDataException("The form breaks off.", exception);
        }
    }

    private static async Task<byte[]> ReadAsync(MultipartSection section, long most, CancellationToken cancellationToken)
    {
        try
        {
            return await Bytes.ReadAllAsync(section.Body, most, cancellationToken)
                ?? throw new BadHttpRequestException("A field is too long.", StatusCodes.Status413PayloadTooLarge);
        }
        catch (IOException exception) when (exception is not BadHttpRequestException)
        {
            throw new InvalidDataException("The form breaks off.", exception);
        }
    }
}
