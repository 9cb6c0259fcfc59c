using Mono.Cecil;

namespace Distribyted.Training;

/// <summary>Reads what <see cref="ProfileWriter"/> wrote.</summary>
internal static class ProfileReader
{
    /// <summary>The methods that a profile names, assembly by assembly: those with the same number of parameters look the same.</summary>
    public static IReadOnlyList<MethodName> Read(string path)
    {
        using var module = ModuleDefinition.ReadModule(path);
        var dictionary = module.Types[0].Methods.Single(static m => m.Name == ProfileWriter.Dictionary);
        return [.. LoadedIn(dictionary).Cast<MethodDefinition>().SelectMany(LoadedIn).Select(NameOf)];
    }

    private static IEnumerable<MethodReference> LoadedIn(MethodDefinition method)
    {
        return method.Body.Instructions.Select(static i => i.Operand).OfType<MethodReference>();
    }

    private static MethodName NameOf(MethodReference method)
    {
        IEnumerable<TypeReference> arguments = method is GenericInstanceMethod instance ? instance.GenericArguments : [];
        return new MethodName(NameOf(method.DeclaringType), method.Name, [.. arguments.Select(NameOf)], method.Parameters.Count);
    }

    private static TypeName NameOf(TypeReference type)
    {
        return type switch
        {
            ArrayType array => new TypeName("", [NameOf(array.ElementType)], IsArray: true),
            GenericInstanceType instance => new TypeName(
                FullNameOf(instance.ElementType),
                [.. instance.GenericArguments.Select(NameOf)],
                IsArray: false
            ),
            _ => new TypeName(FullNameOf(type), [], IsArray: false),
        };
    }

    private static string FullNameOf(TypeReference type)
    {
        return type.FullName.Replace('/', '+');
    }
}
