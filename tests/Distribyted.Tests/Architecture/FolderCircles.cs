namespace Distribyted.Tests.Architecture;

/// <summary>Folders of one assembly that reach each other, so that none of them is the lower one.</summary>
internal static class FolderCircles
{
    /// <summary>Each circle as its folders in order of names.</summary>
    /// <param name="root">Namespace of the project: only types in it and below it count.</param>
    public static IReadOnlyList<IReadOnlyList<string>> Of(IEnumerable<TypeUse> uses, string root)
    {
        var lower = uses.Where(u => u.FromFolder != u.ToFolder && IsIn(u.FromFolder, root) && IsIn(u.ToFolder, root))
            .ToLookup(u => u.FromFolder, u => u.ToFolder, StringComparer.Ordinal);
        var reached = lower.ToDictionary(f => f.Key, f => ReachedFrom(f.Key, lower), StringComparer.Ordinal);
        return
        [
            .. reached
                .Where(f => f.Value.Contains(f.Key))
                .Select(f =>
                    string.Join(
                        ' ',
                        f.Value.Where(o => reached.TryGetValue(o, out var from) && from.Contains(f.Key)).Order(StringComparer.Ordinal)
                    )
                )
                .Distinct(StringComparer.Ordinal)
                .Select(c => c.Split(' ')),
        ];
    }

    private static bool IsIn(string folder, string root)
    {
        return folder == root || folder.StartsWith(root + ".", StringComparison.Ordinal);
    }

    private static HashSet<string> ReachedFrom(string folder, ILookup<string, string> lower)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(lower[folder]);
        while (open.TryPop(out var next))
        {
            if (reached.Add(next))
            {
                foreach (var further in lower[next])
                {
                    open.Push(further);
                }
            }
        }

        return reached;
    }
}
