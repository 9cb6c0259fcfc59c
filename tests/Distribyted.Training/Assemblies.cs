using Mono.Cecil;

namespace Distribyted.Training;

/// <summary>The assemblies of a published folder: finds what a name means.</summary>
internal sealed class Assemblies : IDisposable
{
    private readonly DefaultAssemblyResolver _resolver = new();
    private readonly List<AssemblyDefinition> _assemblies = [];
    private readonly Dictionary<string, TypeDefinition> _types = new(StringComparer.Ordinal);

    /// <param name="folder">Where the assemblies are.</param>
    /// <param name="first">Names of those that a type is looked for in first: internal types of one name are in many.</param>
    public Assemblies(string folder, IReadOnlySet<string> first)
    {
        _resolver.AddSearchDirectory(folder);
        foreach (
            var file in Directory
                .EnumerateFiles(folder, "*.dll")
                .OrderByDescending(file => first.Contains(Path.GetFileNameWithoutExtension(file)))
                .ThenBy(static file => file, StringComparer.Ordinal)
        )
        {
            try
            {
                var assembly = AssemblyDefinition.ReadAssembly(file, new ReaderParameters { AssemblyResolver = _resolver });
                _assemblies.Add(assembly);
                Add(assembly.MainModule.Types);
            }
            catch (BadImageFormatException)
            {
                // The compiled code of all of them is such a file too, and has no types.
            }
        }
    }

    /// <summary>The type of this name; null: there is none.</summary>
    public TypeDefinition? Find(string name)
    {
        return _types.GetValueOrDefault(name);
    }

    /// <summary>Methods with code of this name, number of type arguments and of parameters: more than one where only the kinds of parameters differ.</summary>
    public IReadOnlyList<MethodDefinition> Find(MethodName name)
    {
        return Find(name.Type.Name) is { } type
            ?
            [
                .. type.Methods.Where(m =>
                    m.Name == name.Method
                    && m.HasBody
                    && m.GenericParameters.Count == name.Arguments.Count
                    && m.Parameters.Count == name.Parameters
                ),
            ]
            : [];
    }

    public void Dispose()
    {
        foreach (var assembly in _assemblies)
        {
            assembly.Dispose();
        }

        _resolver.Dispose();
    }

    private void Add(IEnumerable<TypeDefinition> types)
    {
        foreach (var type in types)
        {
            _types.TryAdd(type.FullName.Replace('/', '+'), type);
            Add(type.NestedTypes);
        }
    }
}
