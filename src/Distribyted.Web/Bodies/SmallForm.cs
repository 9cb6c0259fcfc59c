using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Distribyted.Web.Bodies;

/// <summary>The fields of a form without files (<c>application/x-www-form-urlencoded</c>).</summary>
internal static class SmallForm
{
    private const string Type = "application/x-www-form-urlencoded";
    private const int MaxLength = 16 * 1024; // bytes

    /// <summary>Reads it whole.</summary>
    /// <returns>Null: it is of another type, or longer than 16 KiB.</returns>
    public static async Task<IReadOnlyDictionary<string, StringValues>?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var type = request.ContentType ?? "";
        if (!type.Split(';')[0].Trim().Equals(Type, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        return await Bytes.ReadAllAsync(request.Body, MaxLength, cancellationToken) is { } bytes
            ? QueryHelpers.ParseQuery(Encoding.UTF8.GetString(bytes))
            : null;
    }
}
