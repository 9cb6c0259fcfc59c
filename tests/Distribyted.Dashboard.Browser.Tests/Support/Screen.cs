namespace Distribyted.Dashboard.Browser.Tests.Support;

/// <summary>What a browser shows pages on.</summary>
internal sealed record Screen(string Name, int Width, int Height, bool IsDark)
{
    public static Screen Phone { get; } = new("phone", 390, 844, false);

    public static Screen Desktop { get; } = new("desktop", 1440, 900, false);

    public static IEnumerable<Screen> All => [Phone, Phone with { IsDark = true }, Desktop, Desktop with { IsDark = true }];

    public override string ToString()
    {
        return $"{Name}-{(IsDark ? "dark" : "light")}";
    }
}
