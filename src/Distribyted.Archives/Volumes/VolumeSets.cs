using System.Collections.Immutable;

namespace Distribyted.Archives.Volumes;

/// <summary>Finds the sets of volumes among the names of a folder.</summary>
internal static class VolumeSets
{
    /// <summary>The sets, each once, in the order of the names that stand for them. A <c>name.rar</c> with no <c>name.r00</c> beside it is no set.</summary>
    /// <param name="names">The files of one folder; names that are no volumes are passed over.</param>
    public static ImmutableArray<VolumeSet> Find(IEnumerable<string> names)
    {
        var groups = new Dictionary<(string Stem, VolumeNaming Naming), List<(VolumeName Volume, string Name)>>(new GroupComparer());
        foreach (var name in names)
        {
            if (VolumeName.TryParse(name, out var volume))
            {
                var key = (volume.Stem, volume.Naming);
                if (!groups.TryGetValue(key, out var group))
                {
                    groups.Add(key, group = []);
                }

                group.Add((volume, name));
            }
        }

        return [.. groups.Values.SelectMany(SetsOf).OrderBy(static set => set.Name, StringComparer.Ordinal)];
    }

    /// <summary>The sets of one stem: one for each way that its first number is written, and one for what is left without a first.</summary>
    private static IEnumerable<VolumeSet> SetsOf(List<(VolumeName Volume, string Name)> group)
    {
        group.Sort(static (a, b) => (a.Volume.Number, a.Volume.Digits).CompareTo((b.Volume.Number, b.Volume.Digits)));
        while (group.Count > 0)
        {
            var first = group[0].Volume;
            // A number that has as many digits as the first one, or more because it is larger. The same name in another case is no second volume.
            var members = group
                .Where(member => member.Name.Length == first.NameOf(member.Volume.Number).Length)
                .DistinctBy(static member => member.Volume.Number)
                .ToArray();
            group.RemoveAll(member => member.Name.Length == first.NameOf(member.Volume.Number).Length);
            if (!IsSet(members))
            {
                continue;
            }

            var expected = 0;
            while (expected < members.Length && members[expected].Volume.Number == expected)
            {
                expected++;
            }

            yield return new VolumeSet(
                [.. members.Select(static member => member.Name)],
                expected < members.Length ? first.NameOf(expected) : null,
                first.Naming
            );
        }
    }

    /// <summary>Whether these names mean volumes for sure: <c>name.rar</c> alone, <c>name.s01</c> without any <c>name.r01</c>, and a file that ends in a year do not.</summary>
    private static bool IsSet((VolumeName Volume, string Name)[] members)
    {
        return members[0].Volume.Naming switch
        {
            VolumeNaming.Letters => members.Any(static member => member.Volume.Number is >= 1 and <= 100),
            VolumeNaming.Numbers => members[0].Volume.Number == 0,
            _ => true,
        };
    }

    private sealed class GroupComparer : IEqualityComparer<(string Stem, VolumeNaming Naming)>
    {
        public bool Equals((string Stem, VolumeNaming Naming) x, (string Stem, VolumeNaming Naming) y)
        {
            return x.Naming == y.Naming && StringComparer.OrdinalIgnoreCase.Equals(x.Stem, y.Stem);
        }

        public int GetHashCode((string Stem, VolumeNaming Naming) obj)
        {
            return HashCode.Combine(StringComparer.OrdinalIgnoreCase.GetHashCode(obj.Stem), obj.Naming);
        }
    }
}
