namespace Distribyted.Routes.Sharing;

/// <summary>How much of a folder is hashed. Written by one thread, read by others.</summary>
internal sealed class HashProgress
{
    private double _part;

    /// <summary>0 to 1.</summary>
    public double Part => Volatile.Read(ref _part);

    /// <summary>Some of the pieces are done.</summary>
    public void Report(int done, int all)
    {
        Volatile.Write(ref _part, all == 0 ? 0 : (double)done / all);
    }
}
