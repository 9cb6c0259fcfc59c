using System.IO.Pipelines;
using Distribyted.FileSystem;
using Distribyted.WebDav.Errors;
using Microsoft.AspNetCore.Http;

namespace Distribyted.WebDav.Writing;

/// <summary>Takes the whole body of a PUT before anything is changed: an upload that is torn off leaves nothing behind.</summary>
internal static class Spool
{
    /// <summary>Longest body that waits in memory, bytes. Nearly every <c>.torrent</c> is shorter.</summary>
    public const int MaxInMemory = 1 << 20;

    // Memory that is taken on a client's word alone.
    private const int BelievedLength = 64 * 1024;

    /// <summary>Reads the body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="length">Its length; null: unknown (chunked).</param>
    /// <param name="limit">Longest that is taken, bytes.</param>
    /// <param name="folder">Where it waits if it is long.</param>
    /// <param name="budget">Asked for disk space before it does; null: there is no budget.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>A seekable stream at its start; disposing it removes what it left on disk.</returns>
    /// <exception cref="WebDavException">413; 507 where a long body cannot wait on disk.</exception>
    public static async Task<Stream> ReadAsync(
        PipeReader body,
        long? length,
        long limit,
        string? folder,
        IDiskBudget? budget,
        CancellationToken cancellationToken
    )
    {
        if (length > limit)
        {
            throw TooLarge(limit);
        }

        Stream spool =
            length > MaxInMemory ? await OpenFileAsync(length.Value) : new MemoryStream((int)Math.Min(length ?? 0, BelievedLength));
        try
        {
            while (true)
            {
                var result = await body.ReadAsync(cancellationToken);
                try
                {
                    if (spool.Length + result.Buffer.Length > limit)
                    {
                        throw TooLarge(limit);
                    }

                    foreach (var segment in result.Buffer)
                    {
                        spool =
                            spool is MemoryStream && spool.Length + segment.Length > MaxInMemory
                                ? await MoveToFileAsync((MemoryStream)spool, await OpenFileAsync(limit), cancellationToken)
                                : spool;
                        await WriteAsync(spool, segment, cancellationToken);
                    }
                }
                finally
                {
                    body.AdvanceTo(result.Buffer.End); // also after a refusal: the rest is drained behind us
                }

                if (result.IsCompleted)
                {
                    spool.Position = 0;
                    return spool;
                }
            }
        }
        catch
        {
            await spool.DisposeAsync();
            throw;
        }

        async Task<SpoolFile> OpenFileAsync(long bytes)
        {
            var reserved = budget is null ? null : await budget.ReserveAsync(bytes, cancellationToken);
            try
            {
                return budget is null || reserved is not null
                    ? SpoolFile.Create(folder ?? Path.GetTempPath(), reserved)
                    : throw new IOException($"the disk has less than {bytes} bytes to spare.");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw NoSpace(e);
            }
        }
    }

    private static async Task<Stream> MoveToFileAsync(MemoryStream memory, SpoolFile file, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(file, memory.GetBuffer().AsMemory(0, (int)memory.Length), cancellationToken);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }

        await memory.DisposeAsync();
        return file;
    }

    private static async ValueTask WriteAsync(Stream spool, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await spool.WriteAsync(bytes, cancellationToken);
        }
        catch (IOException e)
        {
            throw NoSpace(e);
        }
    }

    private static WebDavException NoSpace(Exception cause)
    {
        return new WebDavException(StatusCodes.Status507InsufficientStorage, $"There is no space where uploads are kept: {cause.Message}");
    }

    private static WebDavException TooLarge(long limit)
    {
        return new WebDavException(StatusCodes.Status413PayloadTooLarge, $"An upload may have {limit} bytes (webdav.max_upload).");
    }
}
