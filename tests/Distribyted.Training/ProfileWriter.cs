using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Distribyted.Training;

/// <summary>Writes a profile for the compiler that runs before the program does (crossgen2): methods that it is to compile although nothing in one assembly
/// alone says that they are needed, such as generic ones of the framework over our types.</summary>
/// <remarks>
/// The format (<c>.mibc</c>) is an assembly that is never run. Its global method <c>AssemblyDictionary</c> names, for each assembly, a global method in which
/// every wanted method is loaded as a token and dropped. <c>System.__Canon</c>, which stands for any reference type, is of an assembly of its own there. Methods
/// that do not exist any more are passed over by the compiler.
/// </remarks>
/// <param name="assemblies">Where the methods are.</param>
/// <param name="areUsed">Whether the methods are marked as used, so that the compiler puts them side by side (<c>HotCold</c>).</param>
internal sealed class ProfileWriter(Assemblies assemblies, bool areUsed)
{
    internal const string Dictionary = "AssemblyDictionary";

    private readonly ModuleDefinition _module = ModuleDefinition.CreateModule("Distribyted.mibc", ModuleKind.Dll);
    private readonly Dictionary<string, MethodDefinition> _groups = new(StringComparer.Ordinal);
    private TypeReference? _anyReference;

    /// <summary>Adds a method; false: it is in none of the assemblies.</summary>
    public bool TryAdd(MethodName name)
    {
        var found = assemblies.Find(name);
        if (found.Count == 0 || !TryRefer(name.Type, out var type) || !TryReferAll(name.Arguments, out var arguments))
        {
            return false;
        }

        foreach (var method in found)
        {
            var reference = Refer(method, type);
            if (arguments.Count > 0)
            {
                var instance = new GenericInstanceMethod(reference);
                arguments.ForEach(instance.GenericArguments.Add);
                reference = instance;
            }

            var code = GroupOf(method.Module.Assembly.Name.Name).Body.GetILProcessor();
            code.Emit(OpCodes.Ldtoken, reference);
            if (areUsed)
            {
                code.Emit(OpCodes.Ldstr, "ExclusiveWeight");
                code.Emit(OpCodes.Ldc_I4, 1);
            }

            code.Emit(OpCodes.Pop);
        }

        return true;
    }

    public void Write(string path)
    {
        var dictionary = AddGlobal(Dictionary).Body.GetILProcessor();
        foreach (var (assembly, group) in _groups.OrderBy(static g => g.Key, StringComparer.Ordinal))
        {
            group.Body.GetILProcessor().Emit(OpCodes.Ret);
            dictionary.Emit(OpCodes.Ldstr, assembly);
            dictionary.Emit(OpCodes.Ldtoken, group);
            dictionary.Emit(OpCodes.Pop);
        }

        dictionary.Emit(OpCodes.Ret);
        _module.Mvid = Guid.Empty; // the same methods are the same file
        _module.Write(path, new WriterParameters { DeterministicMvid = true, Timestamp = 0 });
    }

    private MethodDefinition GroupOf(string assembly)
    {
        if (!_groups.TryGetValue(assembly, out var group))
        {
            _groups[assembly] = group = AddGlobal("Assembly_" + assembly);
        }

        return group;
    }

    private MethodDefinition AddGlobal(string name)
    {
        var method = new MethodDefinition(name, MethodAttributes.Public | MethodAttributes.Static, _module.TypeSystem.Void);
        _module.Types[0].Methods.Add(method);
        return method;
    }

    private MethodReference Refer(MethodDefinition method, TypeReference type)
    {
        var plain = _module.ImportReference(method);
        if (type is not GenericInstanceType)
        {
            return plain;
        }

        var reference = new MethodReference(method.Name, plain.ReturnType, type)
        {
            HasThis = method.HasThis,
            ExplicitThis = method.ExplicitThis,
            CallingConvention = method.CallingConvention,
        };
        foreach (var parameter in method.GenericParameters)
        {
            reference.GenericParameters.Add(new GenericParameter(parameter.Name, reference));
        }

        foreach (var parameter in method.Parameters)
        {
            reference.Parameters.Add(new ParameterDefinition(_module.ImportReference(parameter.ParameterType, plain)));
        }

        return reference;
    }

    private bool TryRefer(TypeName name, out TypeReference type)
    {
        type = _module.TypeSystem.Object;
        if (name.Name == "System.__Canon")
        {
            type = AnyReference();
            return true;
        }

        if (!TryReferAll(name.Arguments, out var arguments))
        {
            return false;
        }

        if (name.IsArray)
        {
            type = new ArrayType(arguments[0]);
            return true;
        }

        if (assemblies.Find(name.Name) is not { } definition)
        {
            return false;
        }

        type = _module.ImportReference(definition);
        if (arguments.Count > 0)
        {
            var instance = new GenericInstanceType(type);
            arguments.ForEach(instance.GenericArguments.Add);
            type = instance;
        }

        return true;
    }

    private bool TryReferAll(IReadOnlyList<TypeName> names, out List<TypeReference> types)
    {
        types = [];
        foreach (var name in names)
        {
            if (!TryRefer(name, out var type))
            {
                return false;
            }

            types.Add(type);
        }

        return true;
    }

    private TypeReference AnyReference()
    {
        if (_anyReference is null)
        {
            var assembly = new AssemblyNameReference("System.Private.Canon", new Version());
            _module.AssemblyReferences.Add(assembly);
            _anyReference = new TypeReference("System", "__Canon", _module, assembly);
        }

        return _anyReference;
    }
}
