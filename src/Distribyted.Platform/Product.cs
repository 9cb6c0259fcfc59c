using System.Globalization;

namespace Distribyted.Platform;

/// <summary>The name and version that this program tells others: in its user agent, in its peer id and in the handshake of the extension protocol.</summary>
public static class Product
{
    /// <summary>The name.</summary>
    public const string Name = "Distribyted";

    // One version for all projects: Directory.Build.props.
    private static readonly Version Current = typeof(Product).Assembly.GetName().Version!;

    /// <summary>Major and minor version, as in <c>0.1</c>.</summary>
    public static string Version { get; } = Current.ToString(2);

    /// <summary>The beginning of our peer ids (BEP 20): client letters and the version in four digits, as in <c>-DB0100-</c>.</summary>
    public static string PeerIdPrefix { get; } =
        string.Create(CultureInfo.InvariantCulture, $"-DB{Current.Major % 10}{Current.Minor % 10}{Current.Build % 100:00}-");
}
