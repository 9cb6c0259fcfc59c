using System.Globalization;
using System.Text.RegularExpressions;

namespace Distribyted.Archives.Volumes;

/// <summary>The name of a volume, taken apart.</summary>
/// <param name="Stem">What all names of the set begin with.</param>
/// <param name="Naming">How the set is named.</param>
/// <param name="Number">Which volume of the set, from 0.</param>
/// <param name="Digits">How many digits the number is written with at least.</param>
internal readonly partial record struct VolumeName(string Stem, VolumeNaming Naming, int Number, int Digits)
{
    /// <summary>Takes a name apart, in any letter case.</summary>
    /// <returns>False: it is not the name of a volume. <c>name.rar</c> is one: whether others belong to it, only the folder says.</returns>
    public static bool TryParse(string name, out VolumeName volume)
    {
        if (Part().Match(name) is { Success: true } part)
        {
            var digits = part.Groups["number"].Value;
            var number = int.Parse(digits, CultureInfo.InvariantCulture);
            volume = new VolumeName(part.Groups["stem"].Value, VolumeNaming.Parts, number - 1, digits.Length);
            return number > 0;
        }

        if (Letter().Match(name) is { Success: true } letter)
        {
            var hundreds = char.ToLowerInvariant(letter.Groups["letter"].Value[0]) - 'r';
            var number = 1 + (hundreds * 100) + int.Parse(letter.Groups["number"].Value, CultureInfo.InvariantCulture);
            volume = new VolumeName(letter.Groups["stem"].Value, VolumeNaming.Letters, number, 2);
            return true;
        }

        if (First().Match(name) is { Success: true } first)
        {
            volume = new VolumeName(first.Groups["stem"].Value, VolumeNaming.Letters, 0, 2);
            return true;
        }

        var numbered = Numbered().Match(name);
        volume = numbered.Success
            ? new VolumeName(
                numbered.Groups["stem"].Value,
                VolumeNaming.Numbers,
                int.Parse(numbered.Groups["number"].Value, CultureInfo.InvariantCulture) - 1,
                numbered.Groups["number"].Length
            )
            : default;
        return numbered.Success && volume.Number >= 0;
    }

    /// <summary>The name of another volume of the set, in lower case behind the stem.</summary>
    /// <param name="number">From 0. There are at most 801 of <see cref="VolumeNaming.Letters"/>.</param>
    public string NameOf(int number)
    {
        var invariant = CultureInfo.InvariantCulture;
        return Naming switch
        {
            VolumeNaming.Parts => $"{Stem}.part{(number + 1).ToString($"D{Digits}", invariant)}.rar",
            VolumeNaming.Numbers => $"{Stem}.{(number + 1).ToString($"D{Digits}", invariant)}",
            _ when number == 0 => $"{Stem}.rar",
            _ => $"{Stem}.{(char)('r' + (number - 1) / 100)}{((number - 1) % 100).ToString("D2", invariant)}",
        };
    }

    private const RegexOptions AnyCase =
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline | RegexOptions.ExplicitCapture;

    [GeneratedRegex(@"^(?<stem>.+)\.part(?<number>[0-9]{1,5})\.rar\z", AnyCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Part();

    // Not z: name.z01 belongs to name.zip.
    [GeneratedRegex(@"^(?<stem>.+)\.(?<letter>[r-y])(?<number>[0-9]{2})\z", AnyCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Letter();

    [GeneratedRegex(@"^(?<stem>.+)\.rar\z", AnyCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex First();

    [GeneratedRegex(@"^(?<stem>.+)\.(?<number>[0-9]{3,5})\z", AnyCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Numbered();
}
