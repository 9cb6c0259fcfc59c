using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Distribyted.Tests.Architecture;

/// <summary>What the types of a built assembly really name, from its metadata and IL. Source text would miss what needs no <c>using</c>.</summary>
/// <remarks>Constants and <c>nameof</c> leave no trace in an assembly and are not seen.</remarks>
internal static class TypeUses
{
    /// <summary>Every pair of outermost types of which the first names the second, once.</summary>
    /// <param name="assembly">File of the assembly.</param>
    public static IReadOnlyCollection<TypeUse> Of(string assembly)
    {
        using var module = ModuleDefinition.ReadModule(assembly);
        var uses = new HashSet<TypeUse>();
        foreach (var type in module.GetTypes())
        {
            var from = Outermost(type);
            foreach (var named in NamedBy(type).SelectMany(Parts).Select(Outermost))
            {
                if (named.FullName != from.FullName)
                {
                    uses.Add(new TypeUse(from.FullName, from.Namespace, named.FullName, named.Namespace));
                }
            }
        }

        return uses;
    }

    private static IEnumerable<TypeReference?> NamedBy(TypeDefinition type)
    {
        return type
            .Interfaces.Select(i => i.InterfaceType)
            .Append(type.BaseType)
            .Concat(Constraints(type))
            .Concat(Attributes(type))
            .Concat(type.Fields.SelectMany(f => Attributes(f).Append(f.FieldType)))
            .Concat(type.Properties.SelectMany(Attributes))
            .Concat(type.Methods.SelectMany(NamedBy));
    }

    private static IEnumerable<TypeReference?> NamedBy(MethodDefinition method)
    {
        var signature = NamedBy((MethodReference)method)
            .Concat(Constraints(method))
            .Concat(Attributes(method))
            .Concat(method.Parameters.SelectMany(Attributes))
            .Concat(method.Overrides.SelectMany(NamedBy));
        return method.HasBody
            ? signature
                .Concat(method.Body.Variables.Select(v => v.VariableType))
                .Concat(method.Body.ExceptionHandlers.Select(h => h.CatchType))
                .Concat(method.Body.Instructions.SelectMany(NamedBy))
            : signature;
    }

    private static IEnumerable<TypeReference?> NamedBy(MethodReference method)
    {
        var generic = method is GenericInstanceMethod instance ? instance.GenericArguments : [];
        return generic.Concat(method.Parameters.Select(p => p.ParameterType)).Append(method.ReturnType).Append(method.DeclaringType);
    }

    private static IEnumerable<TypeReference?> NamedBy(Instruction instruction)
    {
        return instruction.Operand switch
        {
            TypeReference type => [type],
            FieldReference field => [field.DeclaringType, field.FieldType],
            MethodReference method => NamedBy(method),
            _ => [],
        };
    }

    private static IEnumerable<TypeReference?> Constraints(IGenericParameterProvider generic)
    {
        return generic.GenericParameters.SelectMany(p => p.Constraints).Select(c => c.ConstraintType);
    }

    private static IEnumerable<TypeReference?> Attributes(ICustomAttributeProvider provider)
    {
        return provider.CustomAttributes.SelectMany(a =>
            a.ConstructorArguments.Select(v => v.Value as TypeReference).Append(a.AttributeType)
        );
    }

    private static IEnumerable<TypeReference> Parts(TypeReference? type)
    {
        return type switch
        {
            null or GenericParameter => [],
            GenericInstanceType generic => generic.GenericArguments.SelectMany(Parts).Concat(Parts(generic.ElementType)),
            TypeSpecification specification => Parts(specification.ElementType),
            _ => [type],
        };
    }

    private static TypeReference Outermost(TypeReference type)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        return type;
    }
}
