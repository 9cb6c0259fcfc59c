using Distribyted.Archives.Formats;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Spools;

/// <summary>The one decompression of a block, which is begun, rests and ends; at checkpoints where there are some. For the block's pump alone.</summary>
/// <remarks>What blocks runs on threads of its own. Fields are written with the store's lock held, so that others may look at them with it.</remarks>
internal sealed class Decompression(SpoolStore store, PackedBlock block)
{
    // A place that lies nearer is reached by going on.
    private const long LeastJump = 1 << 20;

    // So far it goes on after a jump for reads that are near, before others get their turn.
    private const long Stay = 4 << 20;

    private const int MostPlaces = 16 * 1024; // that a format names

    private const long LeastMemory = 1 << 20; // of methods with small dictionaries

    private readonly Checkpoints _checkpoints = new(); // guarded by the store's lock
    private long _memory = LeastMemory + block.Memory;
    private bool _arePlacesKnown = block.Places is null || block.IsEncrypted;
    private long _begunAt;

    /// <summary>What gives the bytes; null: it has not begun.</summary>
    public BlockDecoder? Decoder { get; private set; }

    /// <summary>Bytes from the start of the block to where it is, or was begun last.</summary>
    public long Position => Decoder?.Position ?? _begunAt;

    /// <summary>What the decoder that was begun last reads from.</summary>
    public BlockInput? Input { get; private set; }

    /// <summary>How far it goes on for reads that need no jump.</summary>
    public long StaysUntil { get; private set; }

    /// <summary>Bytes of memory of all checkpoints that were passed. The store's lock is held.</summary>
    public long CheckpointLength => _checkpoints.Length;

    /// <summary>Forgets checkpoints that were passed. The store's lock is held.</summary>
    public void ClearCheckpoints()
    {
        _checkpoints.Clear();
    }

    /// <summary>A decoder that comes to a byte.</summary>
    /// <param name="goal">Which.</param>
    /// <param name="client">For whom.</param>
    public async Task<BlockDecoder> GetAsync(long goal, string client)
    {
        if (Decoder is { } former && MustJump(former, goal))
        {
            await CloseAsync();
        }

        if (Decoder is null)
        {
            await OpenAsync(goal, client);
        }

        return Decoder!;
    }

    /// <summary>Ends it.</summary>
    public async Task CloseAsync()
    {
        var decoder = Decoder;
        lock (store.Lock)
        {
            Decoder = null;
        }

        if (decoder is not null)
        {
            await RunAsync(decoder.Dispose);
            store.ReleaseDecoder(block.Level, _memory);
        }
    }

    /// <summary>Ends the demand for packed bytes until it goes on.</summary>
    public async Task RestAsync()
    {
        if (Decoder is { } decoder)
        {
            await RunAsync(decoder.Input.Rest);
        }
    }

    /// <summary>Whether it was given up only because it had too little memory: the next one takes what it needs.</summary>
    public bool TakesMore(Exception error)
    {
        if (error is ArchiveException { Failure: ArchiveFailure.MemoryNeeded } more)
        {
            _memory = more.Memory;
            return true;
        }

        return false;
    }

    /// <summary>Keeps where it is, when that is far from other checkpoints.</summary>
    public void Passed(BlockDecoder decoder)
    {
        if (block.IsEncrypted)
        {
            return; // the cipher's state is not saved
        }

        bool isDue;
        lock (store.Lock)
        {
            isDue = _checkpoints.IsDue(decoder.Decoded);
        }

        if (isDue && decoder.Save() is { } checkpoint)
        {
            lock (store.Lock)
            {
                store.MakeSpaceForCheckpoint(checkpoint.State.Length);
                _checkpoints.Add(checkpoint);
            }
        }
    }

    /// <summary>Does what blocks.</summary>
    public async Task RunAsync(Action work)
    {
        await store
            .ThreadsOf(block.Level)
            .RunAsync(() =>
            {
                work();
                return 0;
            });
    }

    private bool MustJump(BlockDecoder decoder, long goal)
    {
        lock (store.Lock)
        {
            return decoder.Position > goal
                || (!_arePlacesKnown && goal - decoder.Position > Stay)
                || _checkpoints.Before(goal)?.Position > decoder.Position + LeastJump;
        }
    }

    private async Task OpenAsync(long goal, string client)
    {
        lock (store.Lock)
        {
            Input = null;
        }

        var memory = _memory;
        await store.TakeDecoderAsync(block, memory);
        var input = new BlockInput(block, client, store.Logger);
        lock (store.Lock)
        {
            Input = input;
        }

        BlockDecoder decoder;
        try
        {
            decoder = await store.ThreadsOf(block.Level).RunAsync(() => Begin(input, goal, memory));
        }
        catch
        {
            await RunAsync(input.Dispose);
            store.ReleaseDecoder(block.Level, memory);
            throw;
        }

        lock (store.Lock)
        {
            Decoder = decoder;
            StaysUntil = goal + Stay;
        }
    }

    private BlockDecoder Begin(BlockInput input, long goal, long memory)
    {
        if (!_arePlacesKnown && goal - (Before(goal)?.Position ?? 0) > Checkpoints.LeastDistance)
        {
            ReadPlaces(input);
        }

        var from = Before(goal);
        lock (store.Lock)
        {
            _begunAt = from?.Position ?? 0;
        }

        return store.Passwords.Open(block, input, memory, from);
    }

    private Checkpoint? Before(long goal)
    {
        lock (store.Lock)
        {
            return _checkpoints.Before(goal);
        }
    }

    private void ReadPlaces(BlockInput input)
    {
        var places = new List<Checkpoint>();
        try
        {
            foreach (var (position, state) in block.Places!(input.Volumes))
            {
                if (position >= (places.Count > 0 ? places[^1].Position : 0) + LeastJump && places.Count < MostPlaces)
                {
                    places.Add(new Checkpoint(position, state, null, block.PackedLength));
                }
            }
        }
        catch (Exception e) when (e is not (FileSystemException or OperationCanceledException))
        {
            places.Clear(); // a damaged table is none: what it is about may be whole
        }

        lock (store.Lock)
        {
            _checkpoints.Name(places);
            _arePlacesKnown = true;
        }
    }
}
