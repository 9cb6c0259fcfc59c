using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Distribyted.Web.Bodies;

/// <summary>The fields <c>torrent</c> and <c>magnet</c> of a form (RFC 7578), kept in memory: the framework's own reader puts whatever is longer than 64 KiB
/// into the system's temporary folder, which a small container need not have.</summary>
/// <param name="Torrent">The file; null: there was none.</param>
/// <param name="Magnet">The text; null: there was none.</param>
internal sealed record TorrentForm(byte[]? Torrent, string? Magnet)
{
    private const int MaxFields = 64;
    private const int MaxBoundary = 70; // RFC 2046 section 5.1.1

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

        var form = new TorrentForm(null, null);
        var reader = new MultipartReader(boundary, request.Body);
        for (var field = 0; await NextAsync(reader, cancellationToken) is { } section; field++)
        {
            if (field == MaxFields)
            {
                throw new InvalidDataException($"It has more than {MaxFields} fields.");
            }

            var name = section.GetContentDispositionHeader()?.Name;
            form = HeaderUtilities.RemoveQuotes(name ?? default).Value switch
            {
                "torrent" => form with { Torrent = await ReadAsync(section, mostTorrent, cancellationToken) },
                "magnet" => form with { Magnet = Encoding.UTF8.GetString(await ReadAsync(section, mostMagnet, cancellationToken)) },
                _ => form,
            };
        }

        return form;
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
