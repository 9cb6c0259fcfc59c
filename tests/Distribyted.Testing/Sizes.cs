namespace Distribyted.Testing;

internal static class Sizes
{
    public static int KiB(this int count)
    {
        return count * 1024;
    }

    public static int MiB(this int count)
    {
        return count * 1024 * 1024;
    }
}
